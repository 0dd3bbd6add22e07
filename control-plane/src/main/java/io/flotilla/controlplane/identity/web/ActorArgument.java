package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.actor.Actor;
import java.util.concurrent.ExecutorService;
import org.springframework.core.MethodParameter;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.BindingContext;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.SyncHandlerMethodArgumentResolver;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import org.springframework.web.server.ServerWebExchange;

/** Gives handlers the {@link Actor} that they declare, and runs those with plain return types on virtual threads. */
@Component
class ActorArgument implements SyncHandlerMethodArgumentResolver, WebFluxConfigurer {

    private final ExecutorService virtualThreads;

    ActorArgument(ExecutorService virtualThreads) {
        this.virtualThreads = virtualThreads;
    }

    @Override
    public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
        configurer.setExecutor(new TaskExecutorAdapter(virtualThreads));
    }

    @Override
    public void configureArgumentResolvers(ArgumentResolverConfigurer configurer) {
        configurer.addCustomResolver(this);
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == Actor.class;
    }

    @Override
    public Object resolveArgumentValue(MethodParameter parameter, BindingContext context, ServerWebExchange exchange) {
        return RequestAttributes.actor(exchange);
    }
}
