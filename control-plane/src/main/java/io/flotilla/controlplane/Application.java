package io.flotilla.controlplane;

import io.flotilla.controlplane.database.Database;
import io.flotilla.controlplane.settings.Settings;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Everything that runs, on settings and a database that were begun before. */
@SpringBootApplication
class Application {

    /** Returns when every route answers, or when the database turned out to be away. */
    static ConfigurableApplicationContext start(Settings settings, Database database) {
        return new SpringApplicationBuilder(Application.class)
                .properties(Map.of("server.address", "127.0.0.1", "server.port", settings.port()))
                .initializers(context -> {
                    context.getBeanFactory().registerSingleton("settings", settings);
                    context.getBeanFactory().registerSingleton("database", database);
                })
                .run();
    }
}
