using System.Reflection;
using System.Runtime.InteropServices;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Everything that the kernel language has, on every engine, over numbers that hurt: the same bits as plain C#.</summary>
[TestFixture]
internal sealed class ConstructTests
{
    private static readonly long[] Whole =
    [
        0, 1, 2, 3, 5, 7, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32,
        (1L << 40) + 12345, long.MaxValue, -1, -2, -5, -32, -128, -129, -32768, int.MinValue, int.MinValue + 1L, -(1L << 40), long.MinValue,
    ];

    private static readonly float[] Floats =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 0.1f, 3f, -7.25f, 100f, 88f, -104f, float.NaN, float.PositiveInfinity, float.NegativeInfinity,
        float.MaxValue, float.MinValue, float.Epsilon, 1.1754942e-38f, 1.17549435e-38f, 8388607.5f, 16777217f, 2147483520f, 2147483648f, -2147483648f,
        -2147483904f, 4294967040f, 4294967296f, 1e19f, -1e10f, 1.0000001f,
    ];

    private static readonly (long A, long B)[] Inputs = Pairs();

    public static IEnumerable<TestCaseData> All =>
        from engine in Engine.WithKernels
        from type in Constructs
        select new TestCaseData(engine, type).SetArgDisplayNames(engine.Name, type.Name);

    private static IEnumerable<Type> Constructs =>
        typeof(Construct).Assembly.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(typeof(IConstruct)));

    [TestCaseSource(nameof(All))]
    public void GivesTheSameBits(Engine engine, Type construct)
    {
        var device = engine.Device;
        typeof(ConstructTests).GetMethod(nameof(Compare), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(construct).Invoke(null, [device]);
    }

    [TestCase(typeof(FlowConstructs.Registers), false)]
    [TestCase(typeof(FlowConstructs.RegistersInALoop), false)]
    [TestCase(typeof(StructConstructs.GenericLoop), false)]
    [TestCase(typeof(FlowConstructs.IndexedMemory), true)]
    [TestCase(typeof(FlowConstructs.OneOfTwoMemories), true)]
    public void LocalMemoryIsMemoryOnlyWhereItHasToBe(Type construct, bool memory)
    {
        var kernel = typeof(Construct).GetMethod(nameof(Construct.Kernel))!.MakeGenericMethod(construct);
        string ptx = KernelCompiler.Text(kernel, 256, new PtxTarget(70, 80)), cl = KernelCompiler.Text(kernel, 256, new OpenClTarget());
        Assert.That(ptx, memory ? Does.Contain(".local ") : Does.Not.Contain(".local"));
        Assert.That(cl, memory ? Does.Contain(" local0[") : Does.Not.Contain("local0"));
    }

    private static void Compare<C>(Device device)
        where C : struct, IConstruct
    {
        using var a = new Words<long>(device, [.. Inputs.Select(pair => pair.A)]);
        using var b = new Words<long>(device, [.. Inputs.Select(pair => pair.B)]);
        using var y = new Words<long>(device, new long[Inputs.Length]);
        Launcher.ForEach(device, Inputs.Length, Construct.Kernel<C>, a.View, b.View, y.View);
        long[] found = y.ToArray(), expected = new long[found.Length];
        EmulatedDevice.Run(new GridSize(found.Length), 1, alone: true, i => expected[i] = C.Of(Inputs[i].A, Inputs[i].B)); // which gives it local memory
        var wrong = Enumerable.Range(0, found.Length).Where(i => found[i] != expected[i])
            .Select(i => $"of 0x{Inputs[i].A:x} and 0x{Inputs[i].B:x}: 0x{found[i]:x}, not 0x{expected[i]:x}").ToArray();
        Assert.That(wrong.Take(5), Is.Empty, $"{wrong.Length} of {found.Length}");
    }

    /// <summary>Every edge with every other, as whole numbers and as floats, and some of no kind at all.</summary>
    private static (long A, long B)[] Pairs()
    {
        var random = new Random(20260);
        long[] floats = [.. Floats.Select(x => (long)BitConverter.SingleToUInt32Bits(x))];
        return
        [
            .. from a in Whole from b in Whole select (a, b),
            .. from a in floats from b in floats select (a, b),
            .. Enumerable.Range(0, 500).Select(_ => (random.NextInt64(long.MinValue, long.MaxValue), random.NextInt64(long.MinValue, long.MaxValue))),
            .. Enumerable.Range(0, 300).Select(_ => (Of((random.NextSingle() - 0.5f) * 40), Of(random.NextSingle() * 20))),
        ];

        static long Of(float x) => BitConverter.SingleToUInt32Bits(x);
    }
}

/// <summary>Numbers of any type on a device: a tensor's bytes.</summary>
internal sealed class Words<T> : IDisposable
    where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly int _count;

    public Words(Device device, T[] numbers)
    {
        _count = numbers.Length;
        _tensor = Tensor.From(device, new Shape(MemoryMarshal.AsBytes(numbers.AsSpan()).Length / sizeof(float)), MemoryMarshal.Cast<T, float>(numbers));
    }

    public ArrayView<T> View => new(_tensor.Storage.Handle, _count);

    public T[] ToArray() => MemoryMarshal.Cast<float, T>(_tensor.ToArray()).ToArray();

    public void Dispose() => _tensor.Dispose();
}
