using System.Globalization;

namespace GanFromScratch.Gan.Images;

/// <summary>A chart's axis: values from Low to High lie on pixels from From to To, with a tick at every multiple of Step.</summary>
internal readonly record struct ChartAxis(double Low, double High, double Step, double From, double To)
{
    // nearer together than this part of their size, values count as one: labels would need more digits than the margin has
    private const double Constant = 1e-3;

    // smaller values count as zero, before steps underflow
    private const double Smallest = 1e-100;

    /// <summary>An axis that ends exactly at low and high, with whole steps: for counts.</summary>
    public static ChartAxis Exactly(int low, int high, int ticks, double from, double to) =>
        new(low, high, Math.Max(1, RoundStep(((double)high - low) / ticks)), from, to);

    /// <summary>An axis that ends at ticks, outside all values between low and high; a constant gets room on both sides.</summary>
    public static ChartAxis Around(double low, double high, int ticks, double from, double to)
    {
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        double room = size < Smallest ? 0.5 : size * Constant;
        if (high - low < room)
            (low, high) = (low - room, high + room);
        double step = RoundStep((high - low) / ticks);
        return new(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step, from, to);
    }

    /// <summary>The pixel of a value; one beyond the axis lies at its end.</summary>
    public double Place(double value) => From + (Math.Clamp(value, Low, High) - Low) / (High - Low) * (To - From);

    /// <summary>The ticks' values, lowest first.</summary>
    public IEnumerable<double> Ticks()
    {
        // a millionth of a step: the ends may be off by a rounding
        double last = Math.Floor(High / Step + 1e-6);
        for (double k = Math.Ceiling(Low / Step - 1e-6); k <= last; k++)
            yield return k * Step + 0.0; // -0 becomes 0
    }

    /// <summary>A tick's value in as many digits as tell it from its neighbours.</summary>
    public string Label(double tick)
    {
        double largest = Math.Max(Math.Abs(Low), Math.Abs(High));
        int decimals = Math.Max(0, -Exponent(Step));
        if (largest < 1e7 && decimals <= 5)
            return tick.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return tick.ToString($"G{1 + Math.Max(0, Exponent(largest) - Exponent(Step))}", CultureInfo.InvariantCulture);
    }

    // 1, 2 or 5 times a power of ten, the next one from raw upwards
    private static double RoundStep(double raw)
    {
        double power = Power(Exponent(raw));
        return raw <= power ? power : raw <= 2 * power ? 2 * power : raw <= 5 * power ? 5 * power : 10 * power;
    }

    // the greatest e with 10^e <= value; corrected, because machines differ in the logarithm's last bit
    private static int Exponent(double value)
    {
        int exponent = (int)Math.Floor(Math.Log10(value));
        if (Power(exponent) > value)
            return exponent - 1;
        return Power(exponent + 1) <= value ? exponent + 1 : exponent;
    }

    // parsing is exact where Math.Pow need not be
    private static double Power(int exponent) => double.Parse(string.Create(CultureInfo.InvariantCulture, $"1e{exponent}"), CultureInfo.InvariantCulture);
}
