using GanFromScratch.Kernels;
using static GanFromScratch.Tests.Construct;

namespace GanFromScratch.Tests;

/// <summary>Floats: rounded once an operation, NaN in all comparisons, and conversions that saturate.</summary>
internal static class FloatConstructs
{
    public readonly struct Arithmetic : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            return Mix(Mix(Mix(Bits(x + y), Bits(x - y)), Bits(x * y)), Mix(Bits(x / y), Bits(-x)));
        }
    }

    /// <summary>No device may fuse what is written as two operations, and each fuses what is written as one.</summary>
    public readonly struct Fused : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            float apart = (x * y) + x, together = MathF.FusedMultiplyAdd(x, y, x), less = 1.5f - (x * x);
            return Mix(Mix(Bits(apart), Bits(together)), Bits(less));
        }
    }

    public readonly struct Functions : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            long all = Mix(Mix(Bits(MathF.Sqrt(x)), Bits(MathF.Abs(x))), Mix(Bits(MathF.Round(x)), Bits(MathF.Floor(x))));
            return Mix(Mix(all, Bits(MathF.CopySign(x, y))), Bits(XMath.Min(x, y) + XMath.Max(x, y)));
        }
    }

    public readonly struct LibraryMaximum : IConstruct
    {
        public static long Of(long a, long b) => Mix(Bits(MathF.Max(Float(a), Float(b))), Bits(MathF.Min(Float(a), Float(b))));
    }

    public readonly struct Transcendentals : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            return Mix(Mix(Mix(Bits(XMath.Exp(x)), Bits(XMath.Log(x))), Mix(Bits(XMath.Tanh(x)), Bits(XMath.Sin(x)))), Bits(XMath.Pow(x, y)));
        }
    }

    public readonly struct Comparisons : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            int all = 0;
            all += x < y ? 1 : 0;
            all += x <= y ? 2 : 0;
            all += x > y ? 4 : 0;
            all += x >= y ? 8 : 0;
            all += x == y ? 16 : 0;
            all += x != y ? 32 : 0;
            return all;
        }
    }

    public readonly struct NegatedComparisons : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            int all = 0;
            all += !(x < y) ? 1 : 0;
            all += !(x <= y) ? 2 : 0;
            all += !(x > y) ? 4 : 0;
            all += !(x >= y) ? 8 : 0;
            all += !(x == y) ? 16 : 0;
            all += !(x != y) ? 32 : 0;
            return all;
        }
    }

    /// <summary>As branches C# inverts comparisons into those that NaN passes.</summary>
    public readonly struct ComparisonBranches : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            long all = 1;
            if (x < y)
                all = Mix(all, 2);
            if (!(x >= y))
                all = Mix(all, 3);
            if (!(x <= y))
                all = Mix(all, 4);
            if (x > y && !(x == 2f))
                all = Mix(all, 5);
            else if (x != y || x >= 0f)
                all = Mix(all, 6);
            int rounds = 0;
            while (x < 10f && !(y > x))
            {
                x += 3f;
                all = Mix(all, 7);
                if (x == -x || ++rounds > 4)
                    break;
            }
            return all;
        }
    }

    public readonly struct Comparisons2 : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a), y = Float(b);
            bool less = x < y, notLess = !(x < y), same = x == y;
            bool either = less | same, neither = !(less || same);
            return (less ? 1 : 0) + (notLess ? 2 : 0) + (either == !neither ? 4 : 0) + (float.IsNaN(x) ? 8 : 0) + (float.IsInfinity(y) ? 16 : 0);
        }
    }

    public readonly struct FromInt : IConstruct
    {
        public static long Of(long a, long b) => Mix(Mix(Bits((int)a), Bits((uint)b)), Mix(Bits(a), Bits((short)a)));
    }

    public readonly struct ToInt : IConstruct
    {
        public static long Of(long a, long b) => Mix((int)Float(a), (int)(Float(b) * 0.5f));
    }

    public readonly struct ToUInt : IConstruct
    {
        public static long Of(long a, long b) => Mix((uint)Float(a), (uint)(Float(b) + 0.5f));
    }

    public readonly struct OfBits : IConstruct
    {
        public static long Of(long a, long b)
        {
            uint bits = BitConverter.SingleToUInt32Bits(Float(a));
            float half = BitConverter.UInt32BitsToSingle((bits >> 1) ^ 0x1fc00000);
            return Mix(bits, Bits(half));
        }
    }

    /// <summary>Constants that a text may write wrongly.</summary>
    public readonly struct Constants : IConstruct
    {
        public static long Of(long a, long b)
        {
            float x = Float(a);
            long all = Mix(Bits(x * -0f), Bits(x + float.NegativeInfinity));
            all = Mix(Mix(all, Bits(x * float.Epsilon)), Bits(x + float.MaxValue));
            all = Mix(Mix(all, Bits(x / 3e-39f)), Bits(XMath.Min(x, float.NaN)));
            all = Mix(Mix(all, Bits(x * 1e10f)), Bits(x - 16777216f));
            return Mix(Mix(all, a * long.MinValue), Mix((int)a ^ int.MinValue, (uint)a + uint.MaxValue));
        }
    }
}
