package headwater.lake.embedded;

/** A server that can be stopped, killed and started again on the same port with the same data. */
public interface EmbeddedServer extends AutoCloseable {

    int port();

    /** What a client connects to. */
    String url();

    /** Of the server process; another one after each start. */
    long pid();

    boolean alive();

    /** kill -9 of the server and its child processes. */
    void kill();

    /** Starts it again after {@link #kill()} or {@link #close()}, with its data and on its port; waits until it answers. */
    void restart();

    /** Stops it in order; its data stays. */
    @Override
    void close();
}
