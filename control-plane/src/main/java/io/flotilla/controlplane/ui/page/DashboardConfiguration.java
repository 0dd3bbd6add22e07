package io.flotilla.controlplane.ui.page;

import io.flotilla.controlplane.ui.words.Dialect;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;

/** What the dashboard adds to the template engine and to the handlers' arguments. */
@Configuration(proxyBeanMethods = false)
class DashboardConfiguration implements WebFluxConfigurer {

    @Override
    public void configureArgumentResolvers(ArgumentResolverConfigurer configurer) {
        configurer.addCustomResolver(new FormArgument());
    }

    @Bean
    static Dialect dialect(Assets assets) {
        return new Dialect(assets.base() + "/icons.svg");
    }
}
