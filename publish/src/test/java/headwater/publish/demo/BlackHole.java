package headwater.publish.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The way to a server of this machine, which can begin to swallow all that is sent on it without closing a connection, as
 * a router does that has forgotten its connections. Those that were open then stay silent for good; once it no longer
 * swallows, new ones get through.
 */
final class BlackHole implements AutoCloseable {
    /** One connection; {@code lost} once anything of it was swallowed. */
    private static final class Connection {
        private final Socket client;
        private final Socket server;
        private volatile boolean lost;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void close() {
            closed(client);
            closed(server);
        }

        private static void closed(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private final ServerSocket door;
    private final int server;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean swallowing;
    private volatile Duration delay = Duration.ZERO;

    BlackHole(int server) throws IOException {
        this.server = server;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** An address of the server, by this way. */
    String through(String url) {
        return url.replace(":" + server, ":" + door.getLocalPort());
    }

    /** From now on nothing arrives, in neither direction, on connections old and new. */
    void swallow() {
        swallowing = true;
        connections.forEach(connection -> connection.lost = true);
    }

    /** The server's answers take so much longer from now on. */
    void answerAfter(Duration time) {
        delay = time;
    }

    /** New connections get through again. */
    void open() {
        swallowing = false;
    }

    @Override
    public void close() throws IOException {
        door.close();
        connections.forEach(Connection::close);
    }

    private void accept() throws IOException {
        while (!door.isClosed()) {
            Socket client = door.accept();
            Connection connection = new Connection(client, new Socket(InetAddress.getLoopbackAddress(), server));
            connection.lost = swallowing;
            connections.add(connection);
            start(() -> carry(connection, connection.client, connection.server));
            start(() -> carry(connection, connection.server, connection.client));
        }
    }

    private void carry(Connection connection, Socket from, Socket to) throws IOException {
        byte[] buffer = new byte[65536];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            if (from == connection.server) {
                LockSupport.parkNanos(delay.toNanos());
            }
            if (!connection.lost) {
                out.write(buffer, 0, read);
            }
        }
        // the end of one that is lost is swallowed too
        if (!connection.lost) {
            connection.close();
            connections.remove(connection);
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
                        // the other direction has ended
                        return;
                    }
                },
                "black-hole");
        thread.setDaemon(true);
        thread.start();
    }
}
