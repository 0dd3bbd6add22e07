package io.flotilla.protocol.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A blob's bytes over as many connections as it takes: after a break the rest is asked for by a Range request. */
final class ResumingStream extends InputStream {

    /** Opens the blob at an offset, after so many breaks in a row; the answer is 206, or 200 with the whole blob. */
    interface Source {
        HttpResponse<BodyStream> from(long offset, int breaks) throws IOException;
    }

    /** Breaks without a single new byte between them. */
    private static final int MOST_BREAKS = 3;

    private final Source source;
    private final Duration pause;
    private @Nullable InputStream body;
    private long position;
    private int breaks;

    ResumingStream(Source source, Duration pause) {
        this.source = source;
        this.pause = pause;
    }

    void open() throws IOException {
        body = opened();
    }

    private InputStream opened() throws IOException {
        HttpResponse<BodyStream> answer = source.from(position, breaks);
        InputStream opened = answer.body();
        if (position > 0 && answer.statusCode() != 206) {
            opened.skipNBytes(position);
        } else if (answer.statusCode() == 206 && !startsAt(answer, position)) {
            throw new RegistryRefusedException("the registry answered a range request with another range");
        }
        return opened;
    }

    private static boolean startsAt(HttpResponse<?> answer, long position) {
        return answer.headers()
                .firstValue("Content-Range")
                .filter(range -> range.startsWith("bytes " + position + "-"))
                .isPresent();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (true) {
            try {
                InputStream current = body == null ? opened() : body;
                body = current;
                int count = current.read(target, offset, length);
                if (count > 0) {
                    position += count;
                    breaks = 0;
                }
                return count;
            } catch (RegistryException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                close();
                if (++breaks >= MOST_BREAKS) {
                    throw new RegistryAwayException(
                            "the connection broke after " + position + " bytes: " + Http.reason(e), e);
                }
                Pause.before(breaks, pause);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (body != null) {
            body.close();
            body = null;
        }
    }
}
