package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.UUID;

/**
 * Everything that one node shall run. It is always sent whole. An allocation that is named nowhere is quarantined and
 * shown, never stopped.
 *
 * @param incarnation which life of the control plane's database issued it; a restored database gets a higher one
 * @param generation grows with every change within an incarnation
 */
public record NodeSpec(long incarnation, long generation, List<Order> orders) {

    public NodeSpec {
        orders = List.copyOf(orders);
    }

    /** Whether this spec supersedes the other: a higher incarnation, or the same and a higher generation. */
    public boolean isNewerThan(NodeSpec other) {
        return incarnation != other.incarnation ? incarnation > other.incarnation : generation > other.generation;
    }

    /** What shall become of one allocation. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Order.Run.class, name = "run"),
        @JsonSubTypes.Type(value = Order.Stop.class, name = "stop"),
        @JsonSubTypes.Type(value = Order.Remove.class, name = "remove")
    })
    public sealed interface Order {

        @JsonProperty
        UUID allocationId();

        /**
         * Run it, and restart it by its policy.
         *
         * @param restarts how often a person asked for a restart; an increase stops the running attempt and starts the next
         */
        record Run(UUID allocationId, int restarts, AllocationSpec spec) implements Order {}

        /** Stop it gracefully and keep its writable layer and logs. */
        record Stop(UUID allocationId) implements Order {}

        /** Stop it if it still runs, then remove everything it left. Repeated until the node has reported it gone. */
        record Remove(UUID allocationId) implements Order {}
    }
}
