using static GanFromScratch.Tests.Construct;

namespace GanFromScratch.Tests;

/// <summary>Whole numbers: their arithmetic wraps, shifts count modulo the width, and comparisons know the sign.</summary>
internal static class IntegerConstructs
{
    public readonly struct IntArithmetic : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, y = (int)b;
            return Mix(Mix(Mix(Mix(x + y, x - y), x * y), -x), (x * 7) - (y + 1) + (3 - x));
        }
    }

    public readonly struct IntDivision : IConstruct
    {
        public static long Of(long a, long b) =>
            Mix(Mix(Mix((int)a / Divisor(b), (int)a % Divisor(b)), (int)a / 8), Mix((int)a % 8, (int)a / -5));
    }

    public readonly struct UIntArithmetic : IConstruct
    {
        public static long Of(long a, long b)
        {
            uint x = (uint)a, y = (uint)b, d = y == 0 ? 7 : y;
            long whole = Mix(Mix(Mix(x + y, x - y), x * y), (uint)-(int)x);
            return Mix(Mix(Mix(Mix(whole, x / d), x % d), x / 16 % 4), x / 10);
        }
    }

    public readonly struct LongArithmetic : IConstruct
    {
        public static long Of(long a, long b)
        {
            long d = b is 0 or -1 ? 11 : b;
            return Mix(Mix(Mix(Mix(a + b, a - b), a * b), a / d), Mix(a % d, -a));
        }
    }

    public readonly struct ULongArithmetic : IConstruct
    {
        public static long Of(long a, long b)
        {
            ulong x = (ulong)a, y = (ulong)b, d = y == 0 ? 13 : y;
            return Mix(Mix((long)(x / d), (long)(x % d)), (long)((x * y) + (x >> 7) + (ulong)(uint)b));
        }
    }

    public readonly struct HighProduct : IConstruct
    {
        public static long Of(long a, long b) => (uint)(((ulong)(uint)a * (uint)b) >> 32);
    }

    public readonly struct IntBits : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, y = (int)b;
            return Mix(Mix(Mix(x & y, x | y), x ^ y), ~x);
        }
    }

    public readonly struct LongBits : IConstruct
    {
        public static long Of(long a, long b) => Mix(Mix(Mix(a & b, a | b), a ^ b), ~a);
    }

    public readonly struct IntShifts : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, by = (int)b; // by anything: C# takes it modulo 32
            return Mix(Mix(Mix(x << by, x >> by), x >>> by), Mix((uint)x >> by, (x << 31) ^ (x >> 31) ^ (x >>> 1)));
        }
    }

    public readonly struct LongShifts : IConstruct
    {
        public static long Of(long a, long b) =>
            Mix(Mix(Mix(a << (int)b, a >> (int)b), a >>> (int)b), Mix((long)((ulong)a >> (int)b), (a << 63) ^ (a >> 33)));
    }

    public readonly struct IntComparisons : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, y = (int)b;
            return One(x < y, 0) | One(x <= y, 1) | One(x > y, 2) | One(x >= y, 3) | One(x == y, 4) | One(x != y, 5) | One(x < 0, 6) | One(!(x < 7), 7);
        }
    }

    public readonly struct UIntComparisons : IConstruct
    {
        public static long Of(long a, long b)
        {
            uint x = (uint)a, y = (uint)b;
            return One(x < y, 0) | One(x <= y, 1) | One(x > y, 2) | One(x >= y, 3) | One(x == y, 4) | One(x != y, 5) | One(x > 0x80000000, 6);
        }
    }

    public readonly struct LongComparisons : IConstruct
    {
        public static long Of(long a, long b)
        {
            ulong x = (ulong)a, y = (ulong)b;
            long signed = One(a < b, 0) | One(a <= b, 1) | One(a > b, 2) | One(a >= b, 3) | One(a == b, 4) | One(a != b, 5);
            return signed | One(x < y, 6) | One(x <= y, 7) | One(x > y, 8) | One(x >= y, 9);
        }
    }

    public readonly struct Truths : IConstruct
    {
        public static long Of(long a, long b)
        {
            bool x = a > b, y = (a & 1) != 0, z = b < 0;
            bool w = (x & y) | (z ^ x);
            w &= !y || x;
            w |= z && (y || !x);
            return One(w, 0) | One(x == y, 1) | One(!z, 2) | One(x != z, 3);
        }
    }

    /// <summary>Locals of less than four bytes wrap at their own width, however they are assigned.</summary>
    public readonly struct NarrowLocals : IConstruct
    {
        public static long Of(long a, long b)
        {
            byte u8 = (byte)a;
            sbyte i8 = (sbyte)a;
            short i16 = (short)b;
            ushort u16 = (ushort)b;
            char c = (char)(a + b);
            u8 += (byte)b;
            i8 -= 100;
            i16 *= 3;
            u16 <<= 5;
            c++;
            Double(ref u8, ref i16);
            return Mix(Mix(Mix(Mix(u8, i8), i16), u16), c);
        }

        private static void Double(ref byte x, ref short y)
        {
            x *= 2;
            y *= 2;
        }
    }

    public readonly struct WholeConversions : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a;
            uint u = (uint)b;
            long all = Mix(Mix(Mix((long)x, u), (uint)x), (int)u);
            all = Mix(Mix(Mix(all, (byte)x), (sbyte)x), Mix((short)a, (ushort)a));
            return Mix(Mix(all, (long)(ulong)u), Mix((long)(ulong)(long)x, (int)(b >> 16)));
        }
    }

    public enum Colour : byte
    {
        Red = 1,
        Green = 200,
        Blue = 255,
    }

    public readonly struct Enums : IConstruct
    {
        public static long Of(long a, long b)
        {
            var colour = (Colour)(byte)a;
            var other = b > 0 ? Colour.Green : Colour.Blue;
            return colour == other ? 1000 : colour < other ? (int)colour : (long)other + 300;
        }
    }

    private static long One(bool truth, int place) => truth ? 1L << place : 0;
}
