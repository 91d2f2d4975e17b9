using System.Globalization;
using System.Text;

namespace GanFromScratch.Gan.Images;

/// <summary>One curve.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Values">One value for each x. A value that isn't finite, or is beyond ±1e100, is a gap.</param>
public readonly record struct ChartSeries(string Name, IReadOnlyList<double> Values);

/// <summary>One of several charts above each other, with a common x axis.</summary>
/// <param name="YLabel">The label of the y axis.</param>
/// <param name="Series">The curves. Colours continue from the panel above.</param>
/// <param name="Low">The lower end of the y axis, or null for the lowest value.</param>
/// <param name="High">The upper end of the y axis, or null for the highest value.</param>
public sealed record ChartPanel(string YLabel, IReadOnlyList<ChartSeries> Series, double? Low = null, double? High = null);

/// <summary>
/// Draws line charts as SVG, in the colours of Okabe and Ito (Color Universal Design, 2008), which colour-blind readers can tell apart.
/// The same values give the same text in every locale.
/// </summary>
public static class LineChart
{
    private const int Width = 860, Left = 84, Right = 32, Top = 62, Bottom = 60;
    private const int FirstPanel = 300, OtherPanel = 160, PanelGap = 24, PixelsPerTick = 48, XTicks = 10;
    private const int LegendLine = 24, LegendDash = 24, LegendGap = 24, LetterWidth = 8;
    private const double MaxValue = 1e100;

    // more points than pixels only enlarge the file
    private const int MaxPoints = 1000;

    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];

    /// <summary>
    /// Draws panels above each other. More than 1000 values are drawn as means of equal stretches; a single value between gaps is a dot.
    /// </summary>
    /// <param name="title">The title.</param>
    /// <param name="xLabel">The label of the x axis.</param>
    /// <param name="panels">At least one panel; the first is the tallest.</param>
    /// <param name="firstX">The x of the first values; x increases by 1.</param>
    /// <exception cref="ArgumentException">No panels.</exception>
    public static string Svg(string title, string xLabel, IReadOnlyList<ChartPanel> panels, int firstX = 1)
    {
        if (panels.Count == 0)
            throw new ArgumentException("LineChart: no panels; a chart takes one at least", nameof(panels));
        int count = panels.SelectMany(panel => panel.Series).Select(series => series.Values.Count).DefaultIfEmpty(0).Max();
        var xAxis = ChartAxis.Exactly(firstX, firstX + Math.Max(1, count - 1), XTicks, Left, Width - Right);

        var body = new StringBuilder();
        int y = Top, colour = 0;
        for (int i = 0; i < panels.Count; i++)
        {
            int top = DrawLegend(body, panels[i].Series, colour, y);
            int bottom = top + (i == 0 ? FirstPanel : OtherPanel);
            DrawPanel(body, panels[i], xAxis, YAxis(panels[i], top, bottom), firstX, colour, labelX: i == panels.Count - 1);
            colour += panels[i].Series.Count;
            y = bottom + PanelGap;
        }
        int height = y - PanelGap + Bottom;

        var svg = new StringBuilder();
        svg.Append("""<svg xmlns="http://www.w3.org/2000/svg" """);
        Line(svg, $"""viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" role="img" """);
        Line(svg, $"""font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="13" fill="#333333">""");
        Line(svg, $"""<title>{Escape(title)}</title>""");
        Line(svg, $"""<rect width="{Width}" height="{height}" fill="#ffffff"/>""");
        Line(svg, $"""<text x="{Left}" y="34" font-size="18" font-weight="bold" fill="#111111">{Escape(title)}</text>""");
        svg.Append(body);
        Line(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{height - 16}" text-anchor="middle">{Escape(xLabel)}</text>""");
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static ChartAxis YAxis(ChartPanel panel, int top, int bottom)
    {
        var finite = panel.Series.SelectMany(series => series.Values).Where(IsDrawn).DefaultIfEmpty(0).ToList();
        double low = panel.Low ?? Math.Min(finite.Min(), panel.High ?? double.PositiveInfinity);
        double high = panel.High ?? Math.Max(finite.Max(), low);
        return ChartAxis.Around(low, high, (bottom - top) / PixelsPerTick, bottom, top);
    }

    private static void DrawPanel(
        StringBuilder svg, ChartPanel panel, ChartAxis xAxis, ChartAxis yAxis, int firstX, int colour, bool labelX)
    {
        foreach (double tick in yAxis.Ticks())
        {
            double y = yAxis.ToPixel(tick);
            Line(svg, $"""<path d="M{Left} {y:0.##}H{Width - Right}" stroke="#dddddd"/>""");
            Text(svg, Left - 10, y + 4.5, "end", yAxis.Label(tick));
        }
        foreach (double tick in xAxis.Ticks())
        {
            double x = xAxis.ToPixel(tick);
            Line(svg, $"""<path d="M{x:0.##} {yAxis.From:0.##}v5" stroke="#666666"/>""");
            if (labelX)
                Text(svg, x, yAxis.From + 20, "middle", xAxis.Label(tick));
        }
        Line(svg, $"""<path d="M{Left} {yAxis.To:0.##}V{yAxis.From:0.##}H{Width - Right}" fill="none" stroke="#666666"/>""");
        double middle = (yAxis.From + yAxis.To) / 2;
        Line(svg, $"""<text transform="translate(22 {middle:0.##}) rotate(-90)" text-anchor="middle">{Escape(panel.YLabel)}</text>""");
        for (int i = 0; i < panel.Series.Count; i++)
            DrawSeries(svg, panel.Series[i].Values, xAxis, yAxis, firstX, Colours[(colour + i) % Colours.Length]);
    }

    private static void DrawSeries(
        StringBuilder svg, IReadOnlyList<double> values, ChartAxis xAxis, ChartAxis yAxis, int firstX, string colour)
    {
        var run = new List<string>();
        foreach (var (x, y) in Downsampled(values, firstX).Append((0, double.NaN)))
        {
            if (IsDrawn(y))
            {
                run.Add(string.Create(CultureInfo.InvariantCulture, $"{xAxis.ToPixel(x):0.##},{yAxis.ToPixel(y):0.##}"));
                continue;
            }
            if (run.Count > 1)
                Line(svg, $"""<polyline points="{Join(run)}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"/>""");
            else if (run is [var alone])
                Line(svg, $"""<circle cx="{alone.Split(',')[0]}" cy="{alone.Split(',')[1]}" r="2.5" fill="{colour}"/>""");
            run.Clear();
        }
    }

    // the mean of each stretch at its mean x; NaN for a stretch without values
    private static IEnumerable<(double X, double Y)> Downsampled(IReadOnlyList<double> values, int firstX)
    {
        int stretch = (values.Count + MaxPoints - 1) / MaxPoints;
        for (int start = 0; start < values.Count; start += stretch)
        {
            double sumX = 0, sumY = 0;
            int drawn = 0;
            for (int i = start; i < Math.Min(start + stretch, values.Count); i++)
            {
                if (!IsDrawn(values[i]))
                    continue;
                (sumX, sumY) = (sumX + i, sumY + values[i]);
                drawn++;
            }
            yield return (firstX + sumX / drawn, sumY / drawn);
        }
    }

    // returns the y below the legend; entries that don't fit on a line wrap
    private static int DrawLegend(StringBuilder svg, IReadOnlyList<ChartSeries> series, int colour, int y)
    {
        int x = Left;
        for (int i = 0; i < series.Count; i++)
        {
            int width = LegendDash + 8 + series[i].Name.Length * LetterWidth;
            if (x > Left && x + width > Width - Right)
                (x, y) = (Left, y + LegendLine);
            Line(svg, $"""<path d="M{x} {y}h{LegendDash}" stroke="{Colours[(colour + i) % Colours.Length]}" stroke-width="3"/>""");
            Line(svg, $"""<text x="{x + LegendDash + 8}" y="{y + 4.5:0.##}">{Escape(series[i].Name)}</text>""");
            x += width + LegendGap;
        }
        return y + LegendLine - 6;
    }

    private static string Join(List<string> points) => string.Join(' ', points);

    private static bool IsDrawn(double value) => Math.Abs(value) < MaxValue;

    private static void Text(StringBuilder svg, double x, double y, string anchor, string label) =>
        Line(svg, $"""<text x="{x:0.##}" y="{y:0.##}" text-anchor="{anchor}" font-size="12">{label}</text>""");

    private static void Line(StringBuilder svg, FormattableString text) =>
        svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    // XML has no control characters, not even escaped
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                < 0x20 or 0xFFFE or 0xFFFF => "\uFFFD",
                _ => rune.ToString(),
            });
        }
        return escaped.ToString();
    }
}
