using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// Measures whether a device rounds as the processor does. Every result of the library consists of these operations, so a device that
/// rounds them alike gives the processor's bytes.
/// </summary>
public static class DeviceRounding
{
    private const int Count = 1 << 16;

    /// <summary>Returns what a device rounds differently, as a clause; null where its results have the processor's bits.</summary>
    /// <param name="device">The device; it compiles five small kernels.</param>
    /// <exception cref="DeviceException">The device fails.</exception>
    public static string? Difference(Device device)
    {
        if (device is AcceleratorDevice { HasDoubles: false })
            return "it has no doubles, in which sums are added up";
        float[] a = Operands(1), b = Operands(2);
        using Tensor x = Tensor.From(device, new Shape(Count), a), y = Tensor.From(device, new Shape(Count), b);
        using var result = new Tensor(device, new Shape(Count));
        bool fusedHere = Fma.IsSupported || AdvSimd.IsSupported;
        return IsOther(default(Quotient)) ? "its quotients are not the nearest floats"
            : IsOther(default(Root)) ? "its roots are not the nearest floats"
            : IsOther(default(Reciprocal)) ? "its reciprocals are not the nearest floats"
            : IsOther(default(MultiplyAdd)) ? fusedHere
                ? "its multiply-adds are not rounded once"
                : "this processor has no fused multiply-add, and rounds twice"
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
                bool isSame = BitConverter.SingleToInt32Bits(got[i]) == BitConverter.SingleToInt32Bits(want);
                if (!isSame && !(float.IsNaN(got[i]) && float.IsNaN(want)))
                    return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Returns floats of every magnitude, subnormal ones too, half of them near 1, where results neither overflow nor underflow.
    /// </summary>
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
