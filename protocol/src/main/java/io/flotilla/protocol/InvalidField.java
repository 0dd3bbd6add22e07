package io.flotilla.protocol;

/** A value that cannot be used, with the field that held it; shown to the person who sent it. */
public final class InvalidField extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String field;
    private final String detail;

    /**
     * @param field the path of the field, as in {@code resources.memory}
     * @param value the value as it was given
     * @param reason the rest of the sentence, as in {@code must be from 1 to 65535}
     */
    public InvalidField(String field, String value, String reason) {
        super(field + " \"" + value + "\" " + reason);
        this.field = field;
        this.detail = "\"" + value + "\" " + reason;
    }

    public String field() {
        return field;
    }

    /** The message without the field. */
    public String detail() {
        return detail;
    }
}
