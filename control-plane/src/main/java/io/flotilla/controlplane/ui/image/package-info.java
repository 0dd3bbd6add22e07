/** The Images page, and the names of images to offer while one is typed. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.image;
