package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.actor.Actor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The recording of one terminal that is open in this process. Blocking, as files are. */
public final class Recorder {

    private final Recordings recordings;
    private final Recording begun;
    private final Actor actor;
    private final CastFile file;
    private final AtomicBoolean ended = new AtomicBoolean();

    Recorder(Recordings recordings, Recording begun, Actor actor, CastFile file) {
        this.recordings = recordings;
        this.begun = begun;
        this.actor = actor;
        this.file = file;
    }

    public void output(byte[] bytes) {
        file.output(bytes);
    }

    public void resize(int columns, int rows) {
        file.resize(columns, rows);
    }

    /** Closes file and row, once; with the database away the row is closed when it is back. */
    public void end(Ending ending, @Nullable Integer exitCode) {
        if (ended.compareAndSet(false, true)) {
            recordings.ended(begun, actor, ending, exitCode, file.close());
        }
    }
}
