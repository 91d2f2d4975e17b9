using GanFromScratch.Kernels;
using static GanFromScratch.Tests.Construct;

namespace GanFromScratch.Tests;

/// <summary>Branches and loops, unrolled or not, and local memory in both.</summary>
internal static class FlowConstructs
{
    public readonly struct Conditionals : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, y = (int)b;
            int nested = x > 0 ? y > 0 ? x < y ? 1 : 2 : 3 : y < 0 ? 4 : x == y ? 5 : 6;
            long inner = Mix(x > y ? x : y, (x & 1) == 0 ? (x > 5 || y > 5 ? 7 : 8) : y);
            return Mix(nested, inner + (x < 0 && y < 0 ? x * (y > -5 ? 2 : 3) : 0));
        }
    }

    /// <summary>What stands right of || and of &amp;&amp; must not run where the left decides.</summary>
    public readonly struct ShortCircuits : IConstruct
    {
        public static long Of(long a, long b)
        {
            int calls = 0;
            bool first = a > 0 && Count(ref calls, b > 0) && Count(ref calls, a > b);
            bool second = a < 0 || Count(ref calls, b < 0) || Count(ref calls, a == b);
            return calls + (first ? 100 : 0) + (second ? 1000 : 0);
        }

        private static bool Count(ref int calls, bool truth)
        {
            calls++;
            return truth;
        }
    }

    public readonly struct Switches : IConstruct
    {
        public static long Of(long a, long b)
        {
            long result = 0;
            switch ((int)a & 7)
            {
                case 0:
                    result = 5;
                    break;
                case 1:
                case 2:
                    result = b;
                    break;
                case 3:
                    if (b > 0)
                        return 77;
                    goto case 5;
                case 5:
                    result = 9;
                    break;
                default:
                    result -= 1;
                    break;
            }
            return Mix(result, (int)b switch { < 0 => -1, 0 => 0, 1 or 2 or 3 => 11, 31 => 12, 32 => 13, 33 => 14, > 255 => 15, _ => 16 });
        }
    }

    public readonly struct Loops : IConstruct
    {
        public static long Of(long a, long b)
        {
            int n = (int)a & 15, m = (int)b & 7;
            long sum = 1;
            for (int i = 0; i < n; i++)
            {
                if ((i & 3) == 2)
                    continue;
                for (int k = m; k > 0; k--)
                {
                    if (k == i)
                        break;
                    sum = Mix(sum, (i * 10) + k);
                    if (sum == 12345)
                        return sum;
                }
            }
            int steps = 0;
            while (n > 1)
            {
                n = (n & 1) == 0 ? n / 2 : (3 * n) + 1;
                steps++;
                if (steps > 10 && m == 3)
                    return Mix(sum, steps);
            }
            do
            {
                sum = Mix(sum, m);
                m -= 2;
            }
            while (m > 0);
            return Mix(sum, steps);
        }
    }

    /// <summary>Two variables that change places each round: their copies at the loop's end must not overwrite each other.</summary>
    public readonly struct Rotation : IConstruct
    {
        public static long Of(long a, long b)
        {
            long x = a, y = b, z = 1;
            int n = (int)a & 7;
            for (int i = 0; i < n; i++)
                (x, y, z) = (y, z + i, x);
            return Mix(Mix(x, y), z);
        }
    }

    /// <summary>A variable that is a constant before a loop that isn't unrolled, and changes within it.</summary>
    public readonly struct ConstantsAcrossHeaders : IConstruct
    {
        public static long Of(long a, long b)
        {
            int n = (int)a & 7, scale = 3, never = 5, late = 0;
            bool first = true;
            long sum = 0;
            for (int i = 0; i < n; i++)
            {
                if (first)
                    sum += 1000;
                first = false;
                sum += (scale * i) + never;
                if (sum > 40)
                    scale = -scale;
                for (int k = 0; k < 2; k++)
                    late += k + scale;
            }
            return Mix(Mix(sum, scale), (never * 2) + late);
        }
    }

    public readonly struct EarlyReturns : IConstruct
    {
        public static long Of(long a, long b) => Mix(Found((int)a, (int)b & 31), Found((int)b, 5));

        private static int Found(int x, int limit)
        {
            for (int i = 0; i < limit; i++)
            {
                int square = i * i;
                if (square == (x & 255))
                    return i;
                if (square > (x & 255))
                    return -i;
            }
            return 1000;
        }
    }

    /// <summary>Constant bounds: all of it unrolls, and the local memory is registers.</summary>
    public readonly struct Registers : IConstruct
    {
        public static long Of(long a, long b)
        {
            var rows = LocalMemory.Allocate<float>(9);
            var whole = LocalMemory.Allocate<long>(3);
            for (int i = 0; i < 3; i++)
            {
                whole[i] = a + i;
                for (int j = 0; j < 3; j++)
                    rows[(i * 3) + j] = (int)a + (j * (int)b);
            }
            float trace = 0;
            for (int i = 0; i < 3; i++)
            {
                ref float diagonal = ref rows[i * 4];
                diagonal *= 2;
                trace += diagonal + rows[8 - (i * 4)];
            }
            return Mix(Mix(Bits(trace), whole[0] * whole[2]), Bits(Sum(rows.SubView(2, 4))));
        }

        private static float Sum(ArrayView<float> some)
        {
            float sum = 0;
            for (int i = 0; i < some.Length; i++)
                sum += some[i];
            return sum;
        }
    }

    /// <summary>Registers that change in a loop that isn't unrolled.</summary>
    public readonly struct RegistersInALoop : IConstruct
    {
        public static long Of(long a, long b)
        {
            var sums = LocalMemory.Allocate<int>(4);
            for (int i = 0; i < 4; i++)
                sums[i] = i;
            int n = (int)a & 15;
            for (int k = 0; k < n; k++)
            {
                for (int i = 0; i < 4; i++)
                    sums[i] += (k * sums[(i + 1) % 4]) + (int)b;
            }
            return Mix(Mix(sums[0], sums[1]), Mix(sums[2], sums[3]));
        }
    }

    /// <summary>An index that is only known when the kernel runs: the local memory is memory.</summary>
    public readonly struct IndexedMemory : IConstruct
    {
        public static long Of(long a, long b)
        {
            var counts = LocalMemory.Allocate<int>(8);
            var longs = LocalMemory.Allocate<ulong>(4);
            for (int i = 0; i < 8; i++)
                counts[i] = 0;
            for (int i = 0; i < 4; i++)
                longs[i] = (ulong)(a + i);
            for (int i = 0; i < 16; i++)
                counts[(int)((a >> (i * 2)) & 7)] += i;
            longs[(int)b & 3] *= 5;
            return Mix(Mix(counts[(int)b & 7], counts[3]), (long)(longs[(int)a & 3] + longs[1]));
        }
    }

    /// <summary>Which of two local memories is meant isn't known either.</summary>
    public readonly struct OneOfTwoMemories : IConstruct
    {
        public static long Of(long a, long b)
        {
            var even = LocalMemory.Allocate<int>(2);
            var odd = LocalMemory.Allocate<int>(2);
            even[0] = 1;
            even[1] = (int)a;
            odd[0] = 3;
            odd[1] = (int)b;
            var one = even;
            if (a > b)
                one = odd;
            one[0] += 10;
            var other = a > b ? even : odd;
            for (int i = 0; i < ((int)a & 3); i++)
            {
                (one, other) = (other, one);
                one[1] += i;
            }
            return Mix(Mix(even[0], odd[0]), Mix(one[1], other[1]));
        }
    }

    /// <summary>Too many rounds to unroll.</summary>
    public readonly struct LongLoop : IConstruct
    {
        public static long Of(long a, long b)
        {
            long sum = a;
            for (int i = 0; i < 300; i++)
                sum = Mix(sum, b + i);
            return sum;
        }
    }

    public readonly struct LoopOfLongs : IConstruct
    {
        public static long Of(long a, long b)
        {
            long sum = 0;
            for (long i = a & 7; i < 20; i += 1 + (b & 3))
                sum = Mix(sum, i);
            for (uint i = 5; i > 0; i--)
                sum += i << (int)i;
            return sum;
        }
    }
}
