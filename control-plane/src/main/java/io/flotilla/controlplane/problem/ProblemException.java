package io.flotilla.controlplane.problem;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An error that the caller can act on; becomes a problem detail (RFC 9457) in the REST API and a message at its field in
 * a form. Errors of ours are not told this way: they are ordinary exceptions and become a bare 500.
 */
public final class ProblemException extends RuntimeException {

    private static final int MOST_NAMED = 8;

    private final Problem problem;
    private final List<FieldError> fields;

    private ProblemException(Problem problem, String detail, List<FieldError> fields) {
        super(detail, null, false, false);
        this.problem = problem;
        this.fields = List.copyOf(fields);
    }

    /** A problem with no single field to blame. */
    public static ProblemException of(Problem problem, String detail) {
        return new ProblemException(problem, detail, List.of());
    }

    /** A value that cannot be accepted as it stands. */
    public static ProblemException invalid(String field, String detail) {
        return invalid(List.of(new FieldError(field, detail)));
    }

    /** Several values that cannot be accepted; the list is not empty. */
    public static ProblemException invalid(List<FieldError> fields) {
        return of(Problem.INVALID, fields);
    }

    private static ProblemException of(Problem problem, List<FieldError> fields) {
        String named = fields.stream()
                .limit(MOST_NAMED)
                .map(each -> each.field() + ": " + each.detail())
                .collect(Collectors.joining("; "));
        int more = fields.size() - MOST_NAMED;
        return new ProblemException(problem, more > 0 ? named + "; and " + more + " more" : named, fields);
    }

    /**
     * What is wrong with the parts of a request as one problem, of the first one's kind; the list is not empty and each of
     * them names its fields.
     */
    public static ProblemException together(List<ProblemException> problems) {
        return of(
                problems.getFirst().problem,
                problems.stream().flatMap(each -> each.fields.stream()).toList());
    }

    /** The same about a part of a larger request: every field's path begins with the part's, as in {@code workloads[2]}. */
    public ProblemException in(String part) {
        return of(
                problem,
                fields.isEmpty()
                        ? List.of(new FieldError(part, detail()))
                        : fields.stream()
                                .map(each -> new FieldError(part + "." + each.field(), each.detail()))
                                .toList());
    }

    /** A request that is wrong as a whole, such as JSON that does not parse. */
    public static ProblemException malformed(String detail) {
        return new ProblemException(Problem.INVALID, detail, List.of());
    }

    /** No credentials, or wrong, expired or revoked ones. */
    public static ProblemException unauthenticated(String detail) {
        return new ProblemException(Problem.UNAUTHENTICATED, detail, List.of());
    }

    /** @param doing what was not allowed, as in "creating users" */
    public static ProblemException forbidden(String doing) {
        return new ProblemException(Problem.FORBIDDEN, doing + " is not allowed for this account", List.of());
    }

    /** Also the answer for what the caller may not see. */
    public static ProblemException notFound(String kind, String id) {
        return new ProblemException(Problem.NOT_FOUND, "no " + kind + " \"" + id + "\"", List.of());
    }

    /** The request is fine by itself but not in the present state, such as a name that is taken. */
    public static ProblemException conflict(@Nullable String field, String detail) {
        return new ProblemException(
                Problem.CONFLICT,
                field == null ? detail : field + ": " + detail,
                field == null ? List.of() : List.of(new FieldError(field, detail)));
    }

    /** The team's quota does not have room; the detail says which dimension and how much is left. */
    public static ProblemException quota(String field, String detail) {
        return new ProblemException(Problem.QUOTA, detail, List.of(new FieldError(field, detail)));
    }

    /** A body beyond the limit. */
    public static ProblemException tooLarge(String detail) {
        return new ProblemException(Problem.TOO_LARGE, detail, List.of());
    }

    /** Too many tries; the detail says when the next one is looked at. */
    public static ProblemException tooMany(String detail) {
        return new ProblemException(Problem.TOO_MANY, detail, List.of());
    }

    /** Why it is away is for the log and the readiness port: strangers get this answer, too. */
    public static ProblemException databaseAway() {
        return new ProblemException(
                Problem.DATABASE_AWAY,
                "nothing can be shown or changed until it is back; see then whether a change that was under way was made",
                List.of());
    }

    /** The database is there, but this version cannot use it; the detail says which of the two is the older one. */
    public static ProblemException databaseUnfit(String detail) {
        return new ProblemException(Problem.DATABASE_UNFIT, detail, List.of());
    }

    /** Something that the answer needs is away for now: a node, a registry. */
    public static ProblemException unavailable(String detail) {
        return new ProblemException(Problem.UNAVAILABLE, detail, List.of());
    }

    /** What one field names is away for now. */
    public static ProblemException unavailable(String field, String detail) {
        return new ProblemException(Problem.UNAVAILABLE, field + ": " + detail, List.of(new FieldError(field, detail)));
    }

    public Problem problem() {
        return problem;
    }

    /** A sentence for people. */
    public String detail() {
        String message = getMessage();
        return message == null ? problem.title() : message;
    }

    /** Empty if no single field is to blame. */
    public List<FieldError> fields() {
        return fields;
    }
}
