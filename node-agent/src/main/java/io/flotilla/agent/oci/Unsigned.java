package io.flotilla.agent.oci;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigInteger;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.ser.std.StdSerializer;

/** A {@code uint64} of the specification, kept in a long's bits: 18446744073709551615, no limit, is -1. */
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@JacksonAnnotationsInside
@JsonDeserialize(using = Unsigned.Reader.class)
@JsonSerialize(using = Unsigned.Writer.class)
@interface Unsigned {

    /** Takes -1 too, which people write for no limit. */
    final class Reader extends StdDeserializer<Long> {
        private static final BigInteger LARGEST = new BigInteger(Long.toUnsignedString(-1));

        Reader() {
            super(Long.class);
        }

        @Override
        public Long deserialize(JsonParser parser, DeserializationContext context) {
            BigInteger value = parser.getBigIntegerValue();
            if (value.compareTo(LARGEST) > 0 || value.compareTo(BigInteger.ONE.negate()) < 0) {
                return (Long) context.handleWeirdNumberValue(Long.class, value, "is not from 0 to 2^64 - 1");
            }
            return value.longValue();
        }

        /** As a plain long: writers leave out what is 0. */
        @Override
        public Object getAbsentValue(DeserializationContext context) {
            return 0L;
        }

        @Override
        public Object getNullValue(DeserializationContext context) {
            return 0L;
        }
    }

    /** Writes what was read. */
    final class Writer extends StdSerializer<Long> {
        Writer() {
            super(Long.class);
        }

        @Override
        public void serialize(Long value, JsonGenerator generator, SerializationContext context) {
            generator.writeNumber(new BigInteger(Long.toUnsignedString(value)));
        }
    }
}
