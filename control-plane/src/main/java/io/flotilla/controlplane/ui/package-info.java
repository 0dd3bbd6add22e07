/**
 * The dashboard, one room for each entry of the navigation: {@code fleet}, {@code workload}, {@code launch}, {@code image},
 * {@code audit}, {@code access}; {@code logs}, {@code terminal} and {@code search} are reached from them. What all pages stand
 * on is in {@code page}, {@code live}, {@code part} and {@code words}.
 */
@org.jspecify.annotations.NullMarked
package io.flotilla.controlplane.ui;
