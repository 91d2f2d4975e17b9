using System.Globalization;

namespace GanFromScratch.Gan.Images;

/// <summary>
/// The axis of a chart: maps values from Low to High to pixels from From to To, with a tick at each multiple of Step; or logarithmically,
/// with ticks at 1, 2 and 5 times powers of ten, if Step is 0.
/// </summary>
internal readonly record struct ChartAxis(double Low, double High, double Step, double From, double To)
{
    // values closer together than this part of their size count as equal: their labels would not fit the margin
    private const double EqualWithin = 1e-3;

    // smaller values count as zero: steps would underflow
    private const double Smallest = 1e-100;

    /// <summary>Makes an axis for counts, from low to high exactly, with whole steps.</summary>
    public static ChartAxis Exactly(int low, int high, int ticks, double from, double to) =>
        new(low, high, Math.Max(1, RoundStep(((double)high - low) / ticks)), from, to);

    /// <summary>Makes an axis that ends at ticks and covers low to high; if they are equal, with room on both sides.</summary>
    public static ChartAxis Around(double low, double high, int ticks, double from, double to)
    {
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        double room = size < Smallest ? 0.5 : size * EqualWithin;
        if (high - low < room)
            (low, high) = (low - room, high + room);
        double step = RoundStep((high - low) / ticks);
        return new(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step, from, to);
    }

    /// <summary>Makes a logarithmic axis that ends at ticks and covers low to high, which are positive.</summary>
    public static ChartAxis Logarithmic(double low, double high, double from, double to) =>
        new(1 / RoundStep(1 / low), RoundStep(high), 0, from, to);

    private bool IsLogarithmic => Step == 0;

    /// <summary>The pixel of a value, clamped to the axis.</summary>
    public double ToPixel(double value)
    {
        double inside = Math.Clamp(value, Low, High);
        double share = IsLogarithmic ? Math.Log(inside / Low) / Math.Log(High / Low) : (inside - Low) / (High - Low);
        return From + share * (To - From);
    }

    /// <summary>The values of the ticks, ascending.</summary>
    public IEnumerable<double> Ticks()
    {
        if (IsLogarithmic)
        {
            bool onlyPowers = High > 200 * Low;
            for (double tick = Low; tick <= High; tick = RoundStep(1.5 * tick))
            {
                if (!onlyPowers || tick == Power(Exponent(tick)))
                    yield return tick;
            }
            yield break;
        }
        // a millionth of a step allows for rounding at the ends
        double last = Math.Floor(High / Step + 1e-6);
        for (double k = Math.Ceiling(Low / Step - 1e-6); k <= last; k++)
            yield return k * Step + 0.0; // -0 becomes 0
    }

    /// <summary>Writes the value of a tick with enough digits to tell it from its neighbours.</summary>
    public string Label(double tick)
    {
        if (IsLogarithmic)
            return tick.ToString("G7", CultureInfo.InvariantCulture);
        double largest = Math.Max(Math.Abs(Low), Math.Abs(High));
        int decimals = Math.Max(0, -Exponent(Step));
        if (largest < 1e7 && decimals <= 5)
            return tick.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return tick.ToString($"G{1 + Math.Max(0, Exponent(largest) - Exponent(Step))}", CultureInfo.InvariantCulture);
    }

    // the next larger of 1, 2 or 5 times a power of ten
    private static double RoundStep(double raw)
    {
        double power = Power(Exponent(raw));
        return raw <= power ? power : raw <= 2 * power ? 2 * power : raw <= 5 * power ? 5 * power : 10 * power;
    }

    // the greatest e with 10^e <= value; corrected, because the last bit of the logarithm differs between machines
    private static int Exponent(double value)
    {
        int exponent = (int)Math.Floor(Math.Log10(value));
        if (Power(exponent) > value)
            return exponent - 1;
        return Power(exponent + 1) <= value ? exponent + 1 : exponent;
    }

    // parsing is exact; Math.Pow need not be
    private static double Power(int exponent) =>
        double.Parse(string.Create(CultureInfo.InvariantCulture, $"1e{exponent}"), CultureInfo.InvariantCulture);
}
