package headwater.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between clients and a server of this machine, which can be cut in the middle of an answer. */
final class Wire implements AutoCloseable {
    private static final long NEVER = Long.MAX_VALUE;

    private final ServerSocket door;
    private final int server;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private long bytesLeft = NEVER;
    private int cuts;

    Wire(int server) throws IOException {
        this.server = server;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Ends all connections once the server has sent so many more bytes; later ones are let through. */
    synchronized void cutAfter(long bytes) {
        bytesLeft = bytes;
    }

    synchronized int cuts() {
        return cuts;
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }

    private void accept() throws IOException {
        while (!door.isClosed()) {
            Socket client = door.accept();
            Socket beyond = new Socket(InetAddress.getLoopbackAddress(), server);
            ends.add(client);
            ends.add(beyond);
            start(() -> carry(client, beyond, false));
            start(() -> carry(beyond, client, true));
        }
    }

    private void carry(Socket from, Socket to, boolean counted) throws IOException {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (counted && isCut(read)) {
                    cut();
                }
                out.write(buffer, 0, read);
            }
        } finally {
            ends.remove(from);
            ends.remove(to);
        }
    }

    private synchronized boolean isCut(int bytes) {
        if (bytesLeft == NEVER) {
            return false;
        }
        bytesLeft -= bytes;
        if (bytesLeft > 0) {
            return false;
        }
        bytesLeft = NEVER;
        cuts++;
        return true;
    }

    private void cut() throws IOException {
        for (Socket end : ends) {
            end.close();
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // so end those who read from a connection that is cut, or wait for one that never comes
                        return;
                    }
                },
                "wire");
        thread.setDaemon(true);
        thread.start();
    }
}
