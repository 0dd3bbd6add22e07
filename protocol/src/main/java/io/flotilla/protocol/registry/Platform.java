package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What machine an image is for, in Go's words: {@code linux}, {@code amd64}, {@code arm64} with variant {@code v8}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Platform(
        String os, String architecture, @Nullable String variant) {

    public Platform {
        os = os == null ? "unknown" : os;
        architecture = architecture == null ? "unknown" : architecture;
        if (variant != null && variant.isEmpty()) {
            variant = null;
        }
    }

    /** A Linux machine of the given kernel or Java architecture name ({@code x86_64}, {@code aarch64}, {@code amd64}). */
    public static Platform linux(String machine) {
        return switch (machine.toLowerCase(Locale.ROOT)) {
            case "x86_64", "amd64" -> new Platform("linux", "amd64", null);
            case "aarch64", "arm64" -> new Platform("linux", "arm64", null);
            case "armv7l", "arm" -> new Platform("linux", "arm", "v7");
            case "i386", "i686", "x86" -> new Platform("linux", "386", null);
            default -> new Platform("linux", machine, null);
        };
    }

    /** The machine this program runs on. */
    public static Platform here() {
        return linux(System.getProperty("os.arch", "amd64"));
    }

    /** Whether a program for {@code offered} runs on this machine; arm64 without a variant is v8, amd64 is v1. */
    public boolean runs(Platform offered) {
        return os.equals(offered.os) && architecture.equals(offered.architecture) && level() >= offered.level();
    }

    /** The variant as a number, so that an older one runs on a newer machine. */
    int level() {
        if (variant != null && variant.matches("v[0-9]")) {
            return variant.charAt(1) - '0';
        }
        return switch (architecture) {
            case "arm64" -> 8;
            case "arm" -> 7;
            case "amd64" -> 1;
            default -> 0;
        };
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
