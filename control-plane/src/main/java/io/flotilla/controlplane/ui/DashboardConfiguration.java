package io.flotilla.controlplane.ui;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the dashboard adds to the template engine. */
@Configuration(proxyBeanMethods = false)
class DashboardConfiguration {

    @Bean
    Dialect dialect(Assets assets) {
        return new Dialect(assets.base() + "/icons.svg");
    }
}
