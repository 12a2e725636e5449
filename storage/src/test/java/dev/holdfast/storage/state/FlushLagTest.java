package dev.holdfast.storage.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.format.failure.Reached;

import org.junit.jupiter.api.Test;

import java.util.List;

final class FlushLagTest {
    private static final FlushLag LAG =
            new FlushLag(
                    true,
                    7,
                    List.of(
                            new Reached("s3://bucket/a b?region=x", true, 7, 0, true),
                            new Reached("file:/far", false, 0, 1 << 20, false)));

    @Test
    void isReadAsItWasWritten() {
        assertThat(FlushLag.parse(LAG.toLines())).contains(LAG);
        FlushLag other = new FlushLag(false, 0, LAG.destinations());
        assertThat(FlushLag.parse(other.toLines())).contains(other);
    }

    @Test
    void anythingElseIsNone() {
        assertThat(FlushLag.parse("")).isEmpty();
        assertThat(FlushLag.parse("holdfast flushed 1 2 3\n")).isEmpty();
        assertThat(FlushLag.parse("holdfast flushing 1 7\n")).isEmpty();
        assertThat(FlushLag.parse("holdfast flushing 1 7\n1 2 3 4 file:/a\n")).isEmpty();
        assertThat(FlushLag.parse(LAG.toLines() + "\n")).isEmpty();
    }
}
