package io.flotilla.agent.kernel;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** Binds a Java interface to a C library, and reads errno as the calling thread's last call left it. */
final class Native {

    static final Runtime RUNTIME = Runtime.getSystemRuntime();

    private Native() {}

    /** The interface must be public (a nested public interface of a package-private class is), or jnr-ffi cannot see it. */
    static <T> T bind(Class<T> type, String library) {
        return LibraryLoader.create(type).failImmediately().load(library);
    }

    static Errno errno() {
        return Errno.of(LastError.getLastError(RUNTIME));
    }

    /** Zeroed memory outside the heap, freed when the pointer becomes unreachable. */
    static Pointer memory(int bytes) {
        return Memory.allocateDirect(RUNTIME, bytes, true);
    }
}
