using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Whether a device rounds as the processor does, measured: every result of the library is made of these operations, so a device that has them right gives the
/// processor's bytes.
/// </summary>
public static class DeviceRounding
{
    private const int Count = 1 << 16;

    /// <summary>Returns what a device rounds in another way than the processor, as a sentence without its end; null where its results have the processor's bits.</summary>
    /// <param name="device">The device; it compiles five small kernels.</param>
    /// <exception cref="DeviceException">It fails.</exception>
    public static string? Difference(Device device)
    {
        if (device is AcceleratorDevice { HasDoubles: false })
            return "it has no doubles, in which sums are added up";
        float[] a = Operands(1), b = Operands(2);
        using Tensor x = Tensor.From(device, new Shape(Count), a), y = Tensor.From(device, new Shape(Count), b), result = new Tensor(device, new Shape(Count));
        return IsOther(default(Quotient)) ? "its quotients are not the nearest floats"
            : IsOther(default(Root)) ? "its roots are not the nearest floats"
            : IsOther(default(Reciprocal)) ? "its reciprocals are not the nearest floats"
            : IsOther(default(MultiplyAdd)) ? Fma.IsSupported || AdvSimd.IsSupported ? "its multiply-adds are not rounded once" : "this processor has no fused multiply-add, and rounds twice"
            : IsOther(default(ProductLess)) ? "its compiler joins a product and a sum, which then round once"
            : null;

        bool IsOther<F>(F f)
            where F : struct, IZip
        {
            Elementwise.Zip(f, x, y, result);
            float[] got = result.ToArray();
            for (int i = 0; i < Count; i++)
            {
                float want = f.Forward(new Scalar(a[i]), new Scalar(b[i])).Value;
                if (BitConverter.SingleToInt32Bits(got[i]) != BitConverter.SingleToInt32Bits(want) && !(float.IsNaN(got[i]) && float.IsNaN(want)))
                    return true;
            }
            return false;
        }
    }

    /// <summary>Floats of every size, half of them within some powers of two of 1, where results are not over- and underflows; subnormal ones among them.</summary>
    private static float[] Operands(uint stream)
    {
        var numbers = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            var (word, size, _, _) = Philox.Block(seed: 0, stream, (ulong)i);
            uint exponent = i % 2 == 0 ? size % 255 : 120 + (size % 16);
            numbers[i] = BitConverter.UInt32BitsToSingle((word & 0x807fffff) | (exponent << 23));
        }
        return numbers;
    }

    internal readonly struct Quotient : IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => a / b;
    }

    internal readonly struct Root : IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => V.Sqrt(V.Abs(a));
    }

    internal readonly struct Reciprocal : IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => V.IfPositive(a, V.Of(1f) / b, V.Of(1f) / V.Sqrt(V.Abs(b)));
    }

    internal readonly struct MultiplyAdd : IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => V.MultiplyAdd(a, b, -a);
    }

    internal readonly struct ProductLess : IZip
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V a, V b)
            where V : struct, ILane<V> => a * b - a;
    }
}
