@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.report;
