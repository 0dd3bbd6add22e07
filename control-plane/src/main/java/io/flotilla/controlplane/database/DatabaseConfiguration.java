package io.flotilla.controlplane.database;

import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans around the database, which the program began to start before them. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

    @Bean
    DataSource dataSource(Database database) {
        return new GuardedDataSource(database);
    }

    @Bean
    Notifications notifications(Database database) {
        return database.notifications();
    }

    @Bean
    SmartLifecycle databaseLifecycle(Database database, ObjectProvider<OnDatabaseReady> followers) {
        return new Lifecycle(database, followers);
    }

    /** Starts first and stops last, so that requests and loops find the database as long as they run. */
    private static final class Lifecycle implements SmartLifecycle {

        private final Database database;
        private final ObjectProvider<OnDatabaseReady> followers;
        private volatile boolean running;

        Lifecycle(Database database, ObjectProvider<OnDatabaseReady> followers) {
            this.database = database;
            this.followers = followers;
        }

        @Override
        public void start() {
            List<OnDatabaseReady> all = followers.orderedStream().toList();
            database.follow(all);
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            database.close();
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return Integer.MIN_VALUE;
        }
    }
}
