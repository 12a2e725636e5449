package dev.holdfast.cli;

import dev.holdfast.cli.command.StopSignals;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/// The signals that this process gets.
///
/// A shutdown hook would see the first signal only, and a second one is the operator's word that
/// nothing shall be waited for. The JDK has nothing for it but `sun.misc.Signal`, which every build
/// has and javac warns of without a way to silence it: hence by reflection.
final class ProcessSignals implements StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    /// `timeout` of coreutils, and some supervisors, signal a process and then its group, which is
    /// the process again: one word, said twice.
    private static final long ECHO_NANOS = Duration.ofMillis(250).toNanos();

    @Override
    public void handle(IntConsumer first, IntConsumer again) {
        IntConsumer received = inOrder(System::nanoTime, first, again);
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal =
                    (proxy, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(signal, arguments); // equals and the like
                        }
                        int number = (int) signal.getMethod("getNumber").invoke(arguments[0]);
                        received.accept(number);
                        return null;
                    };
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(), new Class<?>[] {handler}, onSignal);
            for (String name : NAMES) {
                Object named = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, named, proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this Java has no sun.misc.Signal", e);
        }
    }

    /// Tells the first signal from those that are meant to be the second.
    static IntConsumer inOrder(LongSupplier nanoTime, IntConsumer first, IntConsumer again) {
        AtomicReference<@Nullable Long> firstAt = new AtomicReference<>();
        return number -> {
            long now = nanoTime.getAsLong();
            if (firstAt.compareAndSet(null, now)) {
                first.accept(number);
                return;
            }
            Long began = firstAt.get();
            if (began != null && now - began >= ECHO_NANOS) {
                again.accept(number);
            }
        };
    }
}
