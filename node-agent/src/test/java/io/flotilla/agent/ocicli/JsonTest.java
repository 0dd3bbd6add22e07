package io.flotilla.agent.ocicli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void writesWhatItHasRead() throws Refused {
        String text = "{\"a\":[1,-2.5,true,null,{}],\"quote\\\"\":\"\\\\ \\n \\u0001 ü\",\"big\":18446744073709551615}";
        assertThat(Json.write(Json.object("it", text), false)).isEqualTo(text);
    }

    @Test
    void indentsByTwoBlanks() throws Refused {
        assertThat(Json.write(Json.object("it", "{\"a\":{\"b\":[1,2]},\"c\":\"d\"}"), true))
                .isEqualTo("{\n  \"a\": {\n    \"b\": [\n      1,\n      2\n    ]\n  },\n  \"c\": \"d\"\n}");
    }

    @Test
    void saysWhereADocumentIsWrong() {
        assertThatThrownBy(() -> Json.object("config.json", "{\"a\":\n  }"))
                .hasMessageStartingWith("config.json: line 2, column ");
        assertThatThrownBy(() -> Json.object("config.json", "[]")).hasMessage("config.json: no JSON object");
        assertThatThrownBy(() -> Json.object("config.json", "{} {}"))
                .hasMessage("config.json: more than one JSON object");
    }
}
