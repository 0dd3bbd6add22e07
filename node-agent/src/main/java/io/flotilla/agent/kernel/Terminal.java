package io.flotilla.agent.kernel;

import jnr.ffi.Pointer;

/** The terminal that a command was typed at (termios(3), TIOCGWINSZ in ioctl_tty(2)). */
public final class Terminal implements AutoCloseable {

    private static final int STDIN = 0;
    private static final int TCSANOW = 0;
    private static final long TIOCGWINSZ = 0x5413;
    private static final long TIOCSWINSZ = 0x5414;

    /** More than any architecture's struct termios. */
    private static final int TERMIOS_BYTES = 128;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        int isatty(int fd);

        int tcgetattr(int fd, Pointer termios);

        int tcsetattr(int fd, int actions, Pointer termios);

        void cfmakeraw(Pointer termios);

        int ioctl(int fd, long request, Pointer argument);
    }

    /** A window in characters. */
    public record Size(int columns, int rows) {}

    private final Pointer before;

    private Terminal(Pointer before) {
        this.before = before;
    }

    /** Whether standard input is a terminal. */
    public static boolean isPresent() {
        return LIBC.isatty(STDIN) == 1;
    }

    /** Switches the terminal to raw mode: every key goes to the program, none means a signal. Closing switches back. */
    public static Terminal raw() throws KernelException {
        Pointer before = Native.memory(TERMIOS_BYTES);
        KernelException.check(LIBC.tcgetattr(STDIN, before), "read the mode of", "the terminal");
        Pointer raw = Native.memory(TERMIOS_BYTES);
        before.transferTo(0, raw, 0, TERMIOS_BYTES);
        LIBC.cfmakeraw(raw);
        KernelException.check(LIBC.tcsetattr(STDIN, TCSANOW, raw), "set raw mode of", "the terminal");
        return new Terminal(before);
    }

    /** The window's size now; 80 by 24 where the terminal does not know. */
    public static Size size() {
        Pointer window = Native.memory(8);
        boolean known = LIBC.ioctl(STDIN, TIOCGWINSZ, window) == 0;
        int rows = window.getShort(0) & 0xffff;
        int columns = window.getShort(2) & 0xffff;
        return known && rows > 0 && columns > 0 ? new Size(columns, rows) : new Size(80, 24);
    }

    /** Tells a pseudo-terminal, by its master, how large its window is. */
    public static void resize(Fd master, Size size) throws KernelException {
        Pointer window = Native.memory(8);
        window.putShort(0, (short) size.rows());
        window.putShort(2, (short) size.columns());
        KernelException.check(LIBC.ioctl(master.number(), TIOCSWINSZ, window), "set the window of", "the terminal");
    }

    @Override
    public void close() {
        LIBC.tcsetattr(STDIN, TCSANOW, before);
    }
}
