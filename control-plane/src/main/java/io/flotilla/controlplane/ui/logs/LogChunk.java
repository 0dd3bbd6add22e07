package io.flotilla.controlplane.ui.logs;

import java.util.List;

/**
 * Up to 500 lines as one piece of preformatted text. Only hits, levels and the line of the address are elements.
 *
 * @param id unique on the page
 * @param time of the first line
 * @param html escaped text with marks
 * @param cursors of the lines, in order, apart by spaces
 * @param gaps sentences about records that are missing before this chunk
 */
public record LogChunk(String id, String time, String html, String cursors, List<String> gaps) {}
