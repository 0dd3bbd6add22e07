package io.flotilla.agent.snapshot;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.image.DurableFiles;
import io.flotilla.agent.image.LocalImage;
import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The writable trees of this node's containers, by key: the allocation's id, so that a restart finds what the last attempt
 * wrote. A snapshot appears and disappears whole, by rename. It is not synced: a power cut ends its container anyway.
 */
public final class Snapshots {

    private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Path layersParent;
    private final Path writable;
    private final Path trash;

    /** The file beside upper and work that says what they lie on. */
    private record Base(Digest image, List<String> layers) {}

    private Snapshots(AgentPaths paths) throws IOException {
        this.layersParent = Files.createDirectories(paths.snapshots().resolve("layers"));
        this.writable = Files.createDirectories(paths.snapshots().resolve("rw"));
        this.trash = Files.createDirectories(paths.snapshots().resolve("trash-rw"));
        Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rwx--x--x"));
        Files.setPosixFilePermissions(trash, PosixFilePermissions.fromString("rwx------"));
        DurableFiles.empty(trash);
    }

    /** Opens the store and clears away what was being removed when the agent died. One at a time for a data directory. */
    public static Snapshots open(AgentPaths paths) throws IOException {
        return new Snapshots(paths);
    }

    /**
     * Makes a writable tree on an image, or finds the one that is there under this key.
     *
     * @param key the allocation's id
     * @param uid what user 0 of the container is on the host; 0 without a user namespace
     * @param gid likewise for group 0
     * @throws IOException also if the key's snapshot lies on another image
     */
    public Snapshot prepare(String key, LocalImage image, int uid, int gid) throws IOException {
        Path place = place(key);
        List<String> names = image.layers().stream()
                .map(l -> String.valueOf(l.getFileName()))
                .toList();
        if (!Files.exists(place)) {
            Path draft = Files.createTempDirectory(trash, "new");
            make(draft, new Base(image.digest(), names), image, uid, gid);
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } else if (!base(place).layers().equals(names)) {
            throw new IOException(
                    "snapshot " + key + " lies on image " + base(place).image() + " and not on " + image.digest());
        }
        return new Snapshot(layersParent, image.layers(), place.resolve("upper"), place.resolve("work"));
    }

    private static void make(Path draft, Base base, LocalImage image, int uid, int gid) throws IOException {
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwx--x--x"));
        Path upper = Files.createDirectory(draft.resolve("upper"));
        Path work = Files.createDirectory(draft.resolve("work"));
        // The merged root shows the upper directory's mode, which so has to be that of the image's root.
        Set<PosixFilePermission> mode = image.layers().isEmpty()
                ? PosixFilePermissions.fromString("rwxr-xr-x")
                : Files.getPosixFilePermissions(image.layers().getLast());
        Files.setPosixFilePermissions(upper, mode);
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx------"));
        for (Path directory : List.of(upper, work)) {
            Files.setAttribute(directory, "unix:uid", uid);
            Files.setAttribute(directory, "unix:gid", gid);
        }
        Files.write(draft.resolve("base.json"), MAPPER.writeValueAsBytes(base));
    }

    private static Base base(Path place) throws IOException {
        try {
            return MAPPER.readValue(Files.readAllBytes(place.resolve("base.json")), Base.class);
        } catch (JacksonException e) {
            throw new IOException(place.resolve("base.json") + " is damaged", e);
        }
    }

    /** Deletes what the container wrote; without effect if there is nothing. Works on a full disk. */
    public void remove(String key) throws IOException {
        Path place = place(key);
        if (Files.exists(place)) {
            DurableFiles.discardUnsynced(place, trash);
        }
    }

    /** The keys of all snapshots. */
    public Set<String> list() throws IOException {
        Set<String> keys = new TreeSet<>();
        try (DirectoryStream<Path> places = Files.newDirectoryStream(writable)) {
            places.forEach(p -> keys.add(String.valueOf(p.getFileName())));
        }
        return keys;
    }

    /** Which host id owns each allocation's tree: what user 0 of its containers is. */
    public Map<UUID, Long> owners() throws IOException {
        Map<UUID, Long> owners = new HashMap<>();
        for (String key : list()) {
            Object uid = Files.getAttribute(place(key).resolve("upper"), "unix:uid");
            owners.put(UUID.fromString(key), ((Number) uid).longValue());
        }
        return owners;
    }

    /** Layer directories that some snapshot lies on; they must not be deleted. */
    public Set<Path> layersInUse() throws IOException {
        Set<Path> used = new HashSet<>();
        for (Base base : bases()) {
            base.layers().forEach(l -> used.add(layersParent.resolve(l)));
        }
        return used;
    }

    /** Images that some snapshot lies on, by the digest they were asked for by. */
    public Set<Digest> imagesInUse() throws IOException {
        return bases().stream().map(Base::image).collect(Collectors.toSet());
    }

    private List<Base> bases() throws IOException {
        List<Base> bases = new ArrayList<>();
        for (String key : list()) {
            try {
                bases.add(base(place(key)));
            } catch (NoSuchFileException e) {
                // Removed since it was listed.
            }
        }
        return bases;
    }

    private Path place(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("\"" + key + "\" is no key of a snapshot");
        }
        return writable.resolve(key);
    }
}
