package io.flotilla.agent.image;

/**
 * How much of the node one layer may take.
 *
 * @param mostBytes of the uncompressed archive, which bounds decompression bombs
 * @param mostEntries files, directories and all else
 * @param freeBytes what must stay free on the disk, so that a pull never starves the node's own records
 */
public record UnpackLimits(long mostBytes, long mostEntries, long freeBytes) {

    public static final UnpackLimits USUAL = new UnpackLimits(256L << 30, 20_000_000, 256L << 20);
}
