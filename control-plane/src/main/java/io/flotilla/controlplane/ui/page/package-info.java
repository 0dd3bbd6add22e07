/** What every page is made of: template and model, the frame around it, forms, errors and assets. */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui.page;
