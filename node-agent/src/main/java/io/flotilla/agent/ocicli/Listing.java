package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code list}: all containers below the root. */
final class Listing implements Command {

    private static final int NARROWEST = 12;
    private static final int GAP = 3;

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "format,f=", "quiet,q");
        List<Map<String, ?>> views = new ArrayList<>();
        for (String id : context.states().ids()) {
            view(context, id).ifPresent(views::add);
        }
        String format = options.value("format");
        if (options.has("quiet")) {
            views.forEach(view -> context.out().println(view.get("id")));
        } else if (format == null || format.equals("table")) {
            context.out().print(table(views));
        } else if (format.equals("json")) {
            context.out().println(views.isEmpty() ? "null" : Json.write(views, false));
        } else {
            throw new Refused("invalid format option: --format \"" + format + "\" is neither table nor json");
        }
        return 0;
    }

    /** Empty for one that was deleted meanwhile. */
    private static Optional<Map<String, ?>> view(Context context, String id) throws IOException {
        try {
            ContainerState state = context.states().load(id);
            Map<String, @Nullable Object> view =
                    state.view(context.states().status(state).toString());
            view.put("owner", Files.getOwner(context.states().directory(id)).getName());
            return Optional.of(view);
        } catch (Refused | NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static String table(List<Map<String, ?>> views) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
        for (Map<String, ?> view : views) {
            rows.add(List.of(
                    String.valueOf(view.get("id")),
                    String.valueOf(view.get("pid")),
                    String.valueOf(view.get("status")),
                    String.valueOf(view.get("bundle")),
                    String.valueOf(view.get("created")),
                    String.valueOf(view.get("owner"))));
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int column = 0; column < row.size() - 1; column++) {
                int width = NARROWEST;
                for (List<String> other : rows) {
                    width = Math.max(width, other.get(column).length() + GAP);
                }
                text.append(row.get(column)).repeat(' ', width - row.get(column).length());
            }
            text.append(row.getLast()).append('\n');
        }
        return text.toString();
    }
}
