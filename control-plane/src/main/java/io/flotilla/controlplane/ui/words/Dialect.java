package io.flotilla.controlplane.ui.words;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.context.ITemplateContext;
import org.thymeleaf.dialect.AbstractProcessorDialect;
import org.thymeleaf.engine.AttributeName;
import org.thymeleaf.model.IModel;
import org.thymeleaf.model.IModelFactory;
import org.thymeleaf.model.IOpenElementTag;
import org.thymeleaf.model.IProcessableElementTag;
import org.thymeleaf.processor.IProcessor;
import org.thymeleaf.processor.element.AbstractAttributeModelProcessor;
import org.thymeleaf.processor.element.AbstractAttributeTagProcessor;
import org.thymeleaf.processor.element.IElementModelStructureHandler;
import org.thymeleaf.processor.element.IElementTagStructureHandler;
import org.thymeleaf.standard.expression.StandardExpressions;
import org.thymeleaf.templatemode.TemplateMode;

/**
 * The template attributes of the dashboard: {@code ui:icon}, {@code ui:mark}, {@code ui:status}, {@code ui:time},
 * {@code ui:age}. Their values are literals unless they contain an expression.
 */
public final class Dialect extends AbstractProcessorDialect {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final String icons;

    /** @param icons address of the sprite */
    public Dialect(String icons) {
        super("Flotilla", "ui", 1000);
        this.icons = icons;
    }

    @Override
    public Set<IProcessor> getProcessors(String prefix) {
        return Set.of(
                new Use(prefix, "icon", "icon", "i-"),
                new Use(prefix, "mark", "mark", "s-"),
                new Status(prefix),
                new Time(prefix),
                new Age(prefix));
    }

    /** The word of a status, as people read it. */
    static String word(String status) {
        return switch (status) {
            case "rolling" -> "Rolling out";
            case "pass" -> "Passes";
            case "warn" -> "Warning";
            case "fail" -> "Fails";
            default -> Character.toUpperCase(status.charAt(0)) + status.substring(1);
        };
    }

    private static @Nullable Object evaluate(ITemplateContext context, String value) {
        return value.contains("${")
                ? StandardExpressions.getExpressionParser(context.getConfiguration())
                        .parseExpression(context, value)
                        .execute(context)
                : value;
    }

    private void use(IModelFactory factory, IModel model, String reference) {
        model.add(factory.createStandaloneElementTag("use", "href", icons + "#" + reference, false, true));
    }

    /** Fills an svg element with one symbol of the sprite. */
    private final class Use extends AbstractAttributeTagProcessor {

        private final String style;
        private final String symbols;

        Use(String prefix, String attribute, String style, String symbols) {
            super(TemplateMode.HTML, prefix, "svg", false, attribute, true, 900, true);
            this.style = style;
            this.symbols = symbols;
        }

        @Override
        protected void doProcess(
                ITemplateContext context,
                IProcessableElementTag tag,
                AttributeName name,
                String value,
                IElementTagStructureHandler handler) {
            String extra = tag.getAttributeValue("class");
            handler.setAttribute("class", extra == null ? style : style + " " + extra);
            handler.setAttribute("aria-hidden", "true");
            IModelFactory factory = context.getModelFactory();
            IModel body = factory.createModel();
            use(factory, body, symbols + evaluate(context, value));
            handler.setBody(body, false);
        }
    }

    /** Gives an element its tone and puts the mark, and the word where the body is empty, before its content. */
    private final class Status extends AbstractAttributeModelProcessor {

        Status(String prefix) {
            super(TemplateMode.HTML, prefix, null, false, "status", true, 1500, true);
        }

        @Override
        protected void doProcess(
                ITemplateContext context,
                IModel model,
                AttributeName name,
                String value,
                IElementModelStructureHandler handler) {
            String status = String.valueOf(evaluate(context, value));
            IModelFactory factory = context.getModelFactory();
            IOpenElementTag open = (IOpenElementTag) model.get(0);
            open = factory.setAttribute(open, "data-status", status);
            if (!open.hasAttribute("class")) {
                open = factory.setAttribute(open, "class", "status");
            }
            model.replace(0, open);
            IModel mark = factory.createModel();
            mark.add(factory.createOpenElementTag("svg", "class", "mark", false));
            mark.replace(0, factory.setAttribute((IOpenElementTag) mark.get(0), "aria-hidden", "true"));
            use(factory, mark, "s-" + status);
            mark.add(factory.createCloseElementTag("svg"));
            if (model.size() == 2) {
                mark.add(factory.createText(word(status)));
            }
            model.insertModel(1, mark);
        }
    }

    /** A time element that says when something was; nothing at all where that is not known. */
    private abstract static class Moment extends AbstractAttributeTagProcessor {

        Moment(String prefix, String attribute) {
            super(TemplateMode.HTML, prefix, "time", false, attribute, true, 900, true);
        }

        abstract String text(Instant moment, Instant now);

        @Override
        protected void doProcess(
                ITemplateContext context,
                IProcessableElementTag tag,
                AttributeName name,
                String value,
                IElementTagStructureHandler handler) {
            Instant moment = (Instant) evaluate(context, value);
            if (moment == null) {
                handler.removeElement();
                return;
            }
            handler.setAttribute(
                    "datetime", moment.truncatedTo(ChronoUnit.MILLIS).toString());
            handler.setBody(text(moment, (Instant) context.getVariable("now")), false);
        }
    }

    /** A moment: the clock of today, the date of another day; the browser writes it in the reader's zone. */
    private static final class Time extends Moment {

        Time(String prefix) {
            super(prefix, "time");
        }

        @Override
        String text(Instant moment, Instant now) {
            boolean today = moment.truncatedTo(ChronoUnit.DAYS).equals(now.truncatedTo(ChronoUnit.DAYS));
            return (today ? CLOCK : DAY).format(moment);
        }
    }

    /** How long ago something was; the browser counts on. */
    private static final class Age extends Moment {

        Age(String prefix) {
            super(prefix, "age");
        }

        @Override
        protected void doProcess(
                ITemplateContext context,
                IProcessableElementTag tag,
                AttributeName name,
                String value,
                IElementTagStructureHandler handler) {
            handler.setAttribute("data-age", "");
            super.doProcess(context, tag, name, value, handler);
        }

        @Override
        String text(Instant moment, Instant now) {
            return new Units().span(Duration.between(moment, now));
        }
    }
}
