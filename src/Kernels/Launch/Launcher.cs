using GanFromScratch.Tensors;
using ILGPU;
using ILGPU.Runtime;
using Device = GanFromScratch.Tensors.Device;

namespace GanFromScratch.Kernels;

/// <summary>
/// Launches kernels on accelerators. ILGPU compiles a kernel on its first launch, and the device caches the result under the kernel's
/// method.
/// </summary>
internal static class Launcher
{
    private const int ThreadsAtOnce = 512; // of a multiprocessor at least, which leaves each 128 registers

    /// <summary>Launches one thread for each element; ILGPU masks the surplus threads of the last group.</summary>
    /// <exception cref="DeviceException">The kernel can't be compiled, or the device failed.</exception>
    public static void ForEach<A, B>(Device device, int count, Action<Index1D, A, B> kernel, A a, B b)
        where A : struct
        where B : struct
    {
        if (count == 0)
            return;
        var on = Accelerator(device);
        var run = on.Load(kernel, on.ThreadsAlone, static (accelerator, k, threads) =>
            accelerator.LoadImplicitlyGroupedKernel((Action<Index1D, A, B>)k, threads));
        if (on.IsRecording && NoteLaunch(on, kernel, run, count, a, b))
            return;
        nint begun = on.BeginLaunch();
        try
        {
            run(on.Stream, count, a, b);
        }
        catch (Exception fault) when (AcceleratorDevice.IsFault(fault))
        {
            throw on.Failed($"ran {kernel.Method.Name}", fault);
        }
        on.EndLaunch(kernel, begun);
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C>(Device device, int count, Action<Index1D, A, B, C> kernel, A a, B b, C c)
        where A : struct
        where B : struct
        where C : struct
    {
        if (count == 0)
            return;
        var on = Accelerator(device);
        var run = on.Load(kernel, on.ThreadsAlone, static (accelerator, k, threads) =>
            accelerator.LoadImplicitlyGroupedKernel((Action<Index1D, A, B, C>)k, threads));
        if (on.IsRecording && NoteLaunch(on, kernel, run, count, a, b, c))
            return;
        nint begun = on.BeginLaunch();
        try
        {
            run(on.Stream, count, a, b, c);
        }
        catch (Exception fault) when (AcceleratorDevice.IsFault(fault))
        {
            throw on.Failed($"ran {kernel.Method.Name}", fault);
        }
        on.EndLaunch(kernel, begun);
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C, D>(Device device, int count, Action<Index1D, A, B, C, D> kernel, A a, B b, C c, D d)
        where A : struct
        where B : struct
        where C : struct
        where D : struct
    {
        if (count == 0)
            return;
        var on = Accelerator(device);
        var run = on.Load(kernel, on.ThreadsAlone, static (accelerator, k, threads) =>
            accelerator.LoadImplicitlyGroupedKernel((Action<Index1D, A, B, C, D>)k, threads));
        if (on.IsRecording && NoteLaunch(on, kernel, run, count, a, b, c, d))
            return;
        nint begun = on.BeginLaunch();
        try
        {
            run(on.Stream, count, a, b, c, d);
        }
        catch (Exception fault) when (AcceleratorDevice.IsFault(fault))
        {
            throw on.Failed($"ran {kernel.Method.Name}", fault);
        }
        on.EndLaunch(kernel, begun);
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C, D, E>(Device device, int count, Action<Index1D, A, B, C, D, E> kernel, A a, B b, C c, D d, E e)
        where A : struct
        where B : struct
        where C : struct
        where D : struct
        where E : struct
    {
        if (count == 0)
            return;
        var on = Accelerator(device);
        var run = on.Load(kernel, on.ThreadsAlone, static (accelerator, k, threads) =>
            accelerator.LoadImplicitlyGroupedKernel((Action<Index1D, A, B, C, D, E>)k, threads));
        if (on.IsRecording && NoteLaunch(on, kernel, run, count, a, b, c, d, e))
            return;
        nint begun = on.BeginLaunch();
        try
        {
            run(on.Stream, count, a, b, c, d, e);
        }
        catch (Exception fault) when (AcceleratorDevice.IsFault(fault))
        {
            throw on.Failed($"ran {kernel.Method.Name}", fault);
        }
        on.EndLaunch(kernel, begun);
    }

    /// <summary>
    /// Launches groups of threads that may share memory and wait for each other. All arguments of the kernel are fields of one struct.
    /// </summary>
    /// <param name="device">The accelerator.</param>
    /// <param name="grid">The number of groups.</param>
    /// <param name="threads">Threads of a group, always the same for a kernel.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="DeviceException">The kernel can't be compiled, or the device failed.</exception>
    public static void Groups<A>(Device device, Index2D grid, int threads, Action<A> kernel, A arguments)
        where A : struct
    {
        if (grid.Size == 0)
            return;
        var on = Accelerator(device);
        var run = on.Load(kernel, threads, static (accelerator, k, threads) =>
            accelerator.LoadKernel((Action<A>)k, new KernelSpecialization(threads, ThreadsAtOnce / threads)));
        var config = new KernelConfig(grid.X, grid.Y, 1, threads, 1, 1);
        if (on.IsRecording && NoteLaunch(on, kernel, run, config, arguments))
            return;
        nint begun = on.BeginLaunch();
        try
        {
            run(on.Stream, config, arguments);
        }
        catch (Exception fault) when (AcceleratorDevice.IsFault(fault))
        {
            throw on.Failed($"ran {kernel.Method.Name}", fault);
        }
        on.EndLaunch(kernel, begun);
    }

    // Launches of work that is recorded; in methods of their own, because a method with a lambda allocates whether it needs it or not.

    private static bool NoteLaunch<A, B>(
        AcceleratorDevice on, Delegate kernel, Action<AcceleratorStream, Index1D, A, B> run, int count, A a, B b) =>
        on.NoteLaunch(kernel.Method, (count, a, b), () => run(on.Stream, count, a, b));

    private static bool NoteLaunch<A, B, C>(
        AcceleratorDevice on, Delegate kernel, Action<AcceleratorStream, Index1D, A, B, C> run, int count, A a, B b, C c) =>
        on.NoteLaunch(kernel.Method, (count, a, b, c), () => run(on.Stream, count, a, b, c));

    private static bool NoteLaunch<A, B, C, D>(
        AcceleratorDevice on, Delegate kernel, Action<AcceleratorStream, Index1D, A, B, C, D> run, int count,
        A a, B b, C c, D d) =>
        on.NoteLaunch(kernel.Method, (count, a, b, c, d), () => run(on.Stream, count, a, b, c, d));

    private static bool NoteLaunch<A, B, C, D, E>(
        AcceleratorDevice on, Delegate kernel, Action<AcceleratorStream, Index1D, A, B, C, D, E> run, int count,
        A a, B b, C c, D d, E e) =>
        on.NoteLaunch(kernel.Method, (count, a, b, c, d, e), () => run(on.Stream, count, a, b, c, d, e));

    private static bool NoteLaunch<A>(
        AcceleratorDevice on, Delegate kernel, Action<AcceleratorStream, KernelConfig, A> run, KernelConfig config, A arguments)
        where A : struct => on.NoteLaunch(
            kernel.Method, (config.GridDim.X, config.GridDim.Y, config.GroupDim.X, arguments), () => run(on.Stream, config, arguments));

    private static AcceleratorDevice Accelerator(Device device) => device as AcceleratorDevice
        ?? throw new NotSupportedException($"the device {device.Name} runs no kernels");
}
