package io.flotilla.controlplane.problem;

/** The kinds of problem, with their HTTP status and a title that stays the same for every occurrence (RFC 9457, 3.1.3). */
public enum Problem {
    INVALID(400, "The request is not valid"),
    UNAUTHENTICATED(401, "Sign in or send a valid token"),
    FORBIDDEN(403, "Not allowed"),
    NOT_FOUND(404, "Not found"),
    METHOD(405, "This address does not know that method"),
    NOT_ACCEPTABLE(406, "No representation of that type"),
    CONFLICT(409, "Conflict with the present state"),
    TOO_LARGE(413, "The request is too large"),
    MEDIA_TYPE(415, "The body is of a type that is not read here"),
    QUOTA(422, "The team's quota does not have room"),
    TOO_MANY(429, "Too many tries"),
    INTERNAL(500, "Something went wrong here"),
    UNAVAILABLE(503, "Not available for now"),
    DATABASE_AWAY(503, "The database is away"),
    DATABASE_UNFIT(503, "The database belongs to another version of Flotilla");

    private final int status;
    private final String title;

    Problem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }
}
