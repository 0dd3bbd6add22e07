package io.flotilla.controlplane.audit;

/**
 * The newest entry of the chain.
 *
 * @param seq counts from 1 without gaps; 0 stands for the empty chain
 * @param hash SHA-256 in lower-case hex, which covers every entry up to this one
 */
public record AuditHead(long seq, String hash) {}
