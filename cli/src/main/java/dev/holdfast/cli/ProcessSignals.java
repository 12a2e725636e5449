package dev.holdfast.cli;

import dev.holdfast.cli.command.StopSignals;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/// The signals that this process gets.
///
/// A shutdown hook would see the first signal only, and a second one is the operator's word that
/// nothing shall be waited for. The JDK has nothing for it but `sun.misc.Signal`, which every build
/// has and javac warns of without a way to silence it: hence by reflection.
final class ProcessSignals implements StopSignals {
    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    @Override
    public void handle(IntConsumer first, IntConsumer again) {
        AtomicBoolean isStopping = new AtomicBoolean();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler onSignal =
                    (proxy, method, arguments) -> {
                        if (!method.getName().equals("handle")) {
                            return method.invoke(signal, arguments); // equals and the like
                        }
                        int number = (int) signal.getMethod("getNumber").invoke(arguments[0]);
                        (isStopping.getAndSet(true) ? again : first).accept(number);
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
}
