package io.flotilla.agent.image;

import io.flotilla.protocol.archive.ArchiveException;
import io.flotilla.protocol.archive.TarEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The name of an archive's member, taken apart: no leading slash, no empty and no "." parts.
 *
 * @param parent slash-separated, empty for the root
 * @param last without a slash; empty for the root itself
 */
record MemberName(String parent, String last) {

    private static final int LONGEST_PART = 255;
    private static final int LONGEST = 4000;

    static MemberName of(String name) throws ArchiveException {
        if (name.length() > LONGEST) {
            throw new ArchiveException("the archive has a name of " + name.length() + " bytes");
        }
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw new ArchiveException("archive member \"" + TarEntry.text(name)
                        + "\" has \"..\" in its name, which could leave the image");
            }
            if (part.length() > LONGEST_PART) {
                throw new ArchiveException("archive member \"" + TarEntry.text(name) + "\" has a part of "
                        + part.length() + " bytes in its name; Linux allows " + LONGEST_PART);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        if (parts.isEmpty()) {
            return new MemberName("", "");
        }
        String last = parts.removeLast();
        return new MemberName(String.join("/", parts), last);
    }

    boolean isRoot() {
        return last.isEmpty();
    }
}
