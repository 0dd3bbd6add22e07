package io.flotilla.agent.image;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.TreeFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes what was written below a directory durable, by syncfs(2): one call instead of an fsync for each of a layer's
 * thousands of files. Those who ask while a call is under way share the next one.
 */
final class GroupSync {

    private final Path directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long asked;
    private long done;
    private boolean running;

    GroupSync(Path directory) {
        this.directory = directory;
    }

    void sync() throws IOException {
        lock.lock();
        try {
            long mine = ++asked;
            while (done < mine) {
                if (running) {
                    changed.await();
                } else {
                    runFor(asked);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was given up");
        } finally {
            lock.unlock();
        }
    }

    private void runFor(long covered) throws IOException {
        running = true;
        lock.unlock();
        try (Fd fd = Descriptors.open(directory.toString(), Descriptors.O_DIRECTORY, 0)) {
            TreeFiles.syncFileSystem(fd, directory.toString());
            lock.lock();
            done = covered;
        } finally {
            if (!lock.isHeldByCurrentThread()) {
                lock.lock();
            }
            running = false;
            changed.signalAll();
        }
    }
}
