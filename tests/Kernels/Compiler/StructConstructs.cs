using GanFromScratch.Kernels;
using static GanFromScratch.Tests.Construct;

namespace GanFromScratch.Tests;

/// <summary>Structs, references and generics: nothing of them is left in the text.</summary>
internal static class StructConstructs
{
    public interface IScale
    {
        static abstract int Factor { get; }

        static abstract int Apply(int x);

        static virtual int Twice(int x) => 2 * x;

        int Own(int x);
    }

    public struct Point
    {
        public int X;
        public int Y;

        public Point(int x, int y)
        {
            X = x;
            Y = y;
        }

        public readonly int Sum => X + Y;

        public static Point operator +(Point a, Point b) => new(a.X + b.X, a.Y + b.Y);

        public void Move(int by)
        {
            X += by;
            Y -= by;
        }
    }

    public struct Segment
    {
        public Point From;
        public Point To;
        public byte Width;
        public bool Closed;
    }

    public readonly record struct Complex(float Re, float Im)
    {
        public float Squared => (Re * Re) + (Im * Im);

        public Complex Conjugate => this with { Im = -Im };

        public static Complex operator *(Complex a, Complex b) => new((a.Re * b.Re) - (a.Im * b.Im), (a.Re * b.Im) + (a.Im * b.Re));
    }

    public readonly struct Three : IScale
    {
        public static int Factor => 3;

        public static int Apply(int x) => x * Factor;

        public int Own(int x) => x + 1;
    }

    public readonly struct Shift(int by) : IScale
    {
        public static int Factor => 4;

        public static int Apply(int x) => x << Factor;

        public static int Twice(int x) => x + x + 1;

        public int Own(int x) => x + by;
    }

    public readonly struct Structs : IConstruct
    {
        public static long Of(long a, long b)
        {
            var p = new Point((int)a, (int)b);
            var copy = p;
            copy.Move(3);
            var sum = p + copy + default(Point);
            Segment s;
            s.From = p;
            s.To = new Point { X = sum.Sum };
            s.Width = (byte)a;
            s.Closed = a > b;
            s.To.Y = 7;
            s.From.Move(s.Closed ? 1 : 2);
            var t = s;
            t.Width += 200;
            return Mix(Mix(s.From.X - t.To.Y, t.Width + s.To.Sum), s.From.Sum * 3);
        }
    }

    public readonly struct Records : IConstruct
    {
        public static long Of(long a, long b)
        {
            var x = new Complex(Float(a), 1f);
            var y = new Complex(0.5f, Float(b));
            var (re, im) = x * y.Conjugate;
            return Mix(Mix(Bits(re), Bits(im)), Bits((x * x).Squared));
        }
    }

    public readonly struct Tuples : IConstruct
    {
        public static long Of(long a, long b)
        {
            var (low, high) = Ordered((int)a, (int)b);
            (int X, (long Y, float Z) Inner) nested = (low, (high, 2f));
            nested.Inner.Y += nested.X;
            (int X, (long Y, float Z) Inner) picked = a > 0 ? nested : (5, (6L, 7f));
            return Mix(picked.X + picked.Inner.Y, Bits(picked.Inner.Z));
        }

        private static (int Low, int High) Ordered(int x, int y) => x < y ? (x, y) : (y, x);
    }

    public readonly struct References : IConstruct
    {
        public static long Of(long a, long b)
        {
            int x = (int)a, y = (int)b;
            Swap(ref x, ref y);
            Divided(x, 7, out int quotient, out int rest);
            ref int alias = ref x;
            alias += 5;
            var point = new Point(x, y);
            ref var field = ref point.Y;
            field *= 2;
            Moved(ref point, in quotient);
            for (int i = 0; i < (x & 3); i++)
                Add(ref rest, i);
            return Mix(Mix(x, y), Mix(quotient + point.Sum, rest));
        }

        private static void Swap(ref int x, ref int y) => (x, y) = (y, x);

        private static void Divided(int x, int by, out int quotient, out int rest)
        {
            quotient = x / by;
            rest = x - (quotient * by);
        }

        private static void Moved(ref Point point, in int by) => point.Move(by);

        private static void Add(ref int sum, int more)
        {
            if (more > 0)
                sum += more;
        }
    }

    public readonly struct Generics : IConstruct
    {
        public static long Of(long a, long b) => Mix(With(default(Three), (int)a), With(new Shift((int)b), (int)a));

        private static long With<S>(S scale, int x)
            where S : struct, IScale
        {
            long result = Mix(S.Apply(x), scale.Own(x) + S.Twice(x));
            if (typeof(S) == typeof(Three))
                result += 1000;
            return typeof(S) != typeof(Shift) ? result : Mix(result, S.Factor);
        }
    }

    /// <summary>A loop whose bound a type decides is unrolled.</summary>
    public readonly struct GenericLoop : IConstruct
    {
        public static long Of(long a, long b) => Mix(Powers<Three>((int)a), Powers<Shift>((int)b));

        private static long Powers<S>(int x)
            where S : struct, IScale
        {
            var powers = LocalMemory.Allocate<int>(S.Factor);
            for (int i = 0; i < S.Factor; i++)
                powers[i] = i == 0 ? 1 : powers[i - 1] * x;
            return powers[S.Factor - 1] + powers[1];
        }
    }

    public readonly struct LocalFunctions : IConstruct
    {
        public static long Of(long a, long b)
        {
            int offset = (int)b;
            return Mix(Shifted((int)a), Shifted(3));

            int Shifted(int x) => x + offset;
        }
    }

    public readonly struct Nullables : IConstruct
    {
        public static long Of(long a, long b)
        {
            int? some = a > b ? (int)a : null;
            return (some ?? 17) + (some.HasValue ? 1 : 2);
        }
    }

    /// <summary>Only the language's own types are the compiler's, whatever others are called.</summary>
    public readonly struct Namesakes : IConstruct
    {
        public static long Of(long a, long b) => Mix(Namesake.Grid.DimX + new Namesake.Group((int)a).IdxX, Namesake.Warp.Shuffle((int)b, 3));
    }

    private static class Namesake
    {
        public static class Grid
        {
            public static int DimX => 7;
        }

        public readonly struct Group(int k)
        {
            public int IdxX => 3 * k;
        }

        public static class Warp
        {
            public static int Shuffle(int value, int lane) => value * lane;
        }
    }
}
