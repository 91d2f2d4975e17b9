using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GanFromScratch.Kernels.Compiler;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Runs kernels on any device but the processor itself: compiles each on its first launch, and hands over its arguments. A kernel is named by its
/// method, which C# turns into the same delegate every time.
/// </summary>
internal static class Launcher
{
    /// <summary>Threads of a group of a kernel that has no groups of its own.</summary>
    public const int GroupSize = 256;

    private const int MostBytes = 2048;

    private static readonly ConditionalWeakTable<ProgramDevice, Dictionary<MethodInfo, LoadedKernel>> Loaded = [];

    /// <summary>One thread for each element.</summary>
    public static void ForEach<A, B>(Device device, int count, Action<Index1D, A, B> kernel, A a, B b)
        where A : struct
        where B : struct
    {
        if (device is EmulatedDevice)
            Emulate(count, kernel, a, b);
        else
            Run(device, kernel, Over(count), GroupSize, new Arguments(stackalloc byte[MostBytes]).And(a).And(b));
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C>(Device device, int count, Action<Index1D, A, B, C> kernel, A a, B b, C c)
        where A : struct
        where B : struct
        where C : struct
    {
        if (device is EmulatedDevice)
            Emulate(count, kernel, a, b, c);
        else
            Run(device, kernel, Over(count), GroupSize, new Arguments(stackalloc byte[MostBytes]).And(a).And(b).And(c));
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C, D>(Device device, int count, Action<Index1D, A, B, C, D> kernel, A a, B b, C c, D d)
        where A : struct
        where B : struct
        where C : struct
        where D : struct
    {
        if (device is EmulatedDevice)
            Emulate(count, kernel, a, b, c, d);
        else
            Run(device, kernel, Over(count), GroupSize, new Arguments(stackalloc byte[MostBytes]).And(a).And(b).And(c).And(d));
    }

    /// <inheritdoc cref="ForEach{A, B}"/>
    public static void ForEach<A, B, C, D, E>(Device device, int count, Action<Index1D, A, B, C, D, E> kernel, A a, B b, C c, D d, E e)
        where A : struct
        where B : struct
        where C : struct
        where D : struct
        where E : struct
    {
        if (device is EmulatedDevice)
            Emulate(count, kernel, a, b, c, d, e);
        else
            Run(device, kernel, Over(count), GroupSize, new Arguments(stackalloc byte[MostBytes]).And(a).And(b).And(c).And(d).And(e));
    }

    /// <summary>Groups of threads that may share memory and wait for each other. All other arguments of the kernel are fields of one struct.</summary>
    public static void Groups<A>(Device device, GridSize grid, int groupSize, Action<A> kernel, A a)
        where A : struct
    {
        if (device is EmulatedDevice)
            Emulate(grid, groupSize, kernel, a);
        else
            Run(device, kernel, grid, groupSize, new Arguments(stackalloc byte[MostBytes]).And(a));
    }

    // Methods of their own: a lambda allocates where its method begins, also when another device runs the kernel.

    private static void Emulate<A, B>(int count, Action<Index1D, A, B> kernel, A a, B b) =>
        EmulatedDevice.Run(Over(count), GroupSize, alone: true, i => kernel(i, a, b));

    private static void Emulate<A, B, C>(int count, Action<Index1D, A, B, C> kernel, A a, B b, C c) =>
        EmulatedDevice.Run(Over(count), GroupSize, alone: true, i => kernel(i, a, b, c));

    private static void Emulate<A, B, C, D>(int count, Action<Index1D, A, B, C, D> kernel, A a, B b, C c, D d) =>
        EmulatedDevice.Run(Over(count), GroupSize, alone: true, i => kernel(i, a, b, c, d));

    private static void Emulate<A, B, C, D, E>(int count, Action<Index1D, A, B, C, D, E> kernel, A a, B b, C c, D d, E e) =>
        EmulatedDevice.Run(Over(count), GroupSize, alone: true, i => kernel(i, a, b, c, d, e));

    private static void Emulate<A>(GridSize grid, int groupSize, Action<A> kernel, A a) =>
        EmulatedDevice.Run(grid, groupSize, alone: false, _ => kernel(a));

    private static GridSize Over(int count) => new((count + GroupSize - 1) / GroupSize);

    private static void Run(Device device, Delegate kernel, GridSize grid, int groupSize, Arguments arguments)
    {
        if (device is not ProgramDevice programs)
            throw new NotSupportedException($"{kernel.Method.Name}: the device {device.Name} runs no kernels");
        if (grid.X == 0 || grid.Y == 0 || grid.Z == 0)
            return;
        var loaded = Of(programs, kernel, groupSize);
        Span<KernelArgument> given = stackalloc KernelArgument[loaded.Parameters.Length];
        for (int i = 0; i < given.Length; i++)
            given[i] = arguments.At(loaded.Parameters[i]);
        programs.Launch(loaded.Program, grid, groupSize, given);
    }

    private static LoadedKernel Of(ProgramDevice device, Delegate kernel, int groupSize)
    {
        var kernels = Loaded.GetOrCreateValue(device);
        var method = kernel.Method; // not the delegate, whose hash is that of all of its type
        if (!kernels.TryGetValue(method, out var loaded))
        {
            if (groupSize > device.MostThreadsOfGroup)
                throw new DeviceException(
                    $"{device.Name}: its groups have at most {device.MostThreadsOfGroup} threads, and {kernel.Method.Name} needs {groupSize}; "
                    + "use another device.");
            var compiled = KernelCompiler.Compile(kernel.Method, groupSize, device.Target);
            kernels[method] = loaded = new LoadedKernel(device.Load(compiled.Text, compiled.Name), compiled.Parameters, groupSize);
        }
        return loaded.GroupSize == groupSize
            ? loaded
            : throw new InvalidOperationException($"{kernel.Method.Name}: compiled for groups of {loaded.GroupSize}, launched with groups of {groupSize}");
    }

    private sealed record LoadedKernel(DeviceProgram Program, Parameter[] Parameters, int GroupSize);

    /// <summary>The bytes of all arguments, each aligned to eight.</summary>
    private ref struct Arguments(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;
        private int _used;

        public Arguments And<T>(T value)
            where T : struct
        {
            if (ArgumentLayoutOf<T>.Size is not { } size)
                return this; // the compiler refuses it, and says where
            if (size != Unsafe.SizeOf<T>() || RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                throw new NotSupportedException($"{typeof(T).Name}: its fields don't lie in memory in their order; leave StructLayout alone");
            MemoryMarshal.Write(_bytes[_used..], value);
            _used += (Unsafe.SizeOf<T>() + 7) / 8 * 8;
            return this;
        }

        /// <summary>One scalar. A bool is an int in a kernel.</summary>
        public readonly KernelArgument At(Parameter parameter)
        {
            var at = _bytes[parameter.Offset..];
            return parameter.Size switch
            {
                1 => new(at[0], 4),
                2 => new(MemoryMarshal.Read<ushort>(at), 4),
                4 => new(MemoryMarshal.Read<uint>(at), 4),
                _ => new(MemoryMarshal.Read<ulong>(at), 8),
            };
        }
    }

    private static class ArgumentLayoutOf<T>
    {
        public static readonly int? Size = Known();

        private static int? Known()
        {
            try
            {
                return ArgumentLayout.SizeOf(typeof(T));
            }
            catch (KernelRefusedException)
            {
                return null;
            }
        }
    }
}
