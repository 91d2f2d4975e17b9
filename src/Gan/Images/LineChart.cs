using System.Globalization;
using System.Text;

namespace GanFromScratch.Gan.Images;

/// <summary>One curve, and beneath it perhaps a pale one with its details. A y that isn't finite, or is beyond ±1e100, is a gap.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The points, by ascending x.</param>
/// <param name="Details">The points of the pale curve, by ascending x.</param>
public readonly record struct ChartSeries(string Name, IReadOnlyList<ChartPoint> Points, IReadOnlyList<ChartPoint> Details);

/// <summary>A point of a curve.</summary>
/// <param name="X">Its place on the x axis.</param>
/// <param name="Y">Its value.</param>
public readonly record struct ChartPoint(double X, double Y);

/// <summary>One of several charts above each other, with a common x axis.</summary>
/// <param name="YLabel">The label of the y axis.</param>
/// <param name="Series">The curves. Colours continue from the panel above.</param>
/// <param name="Low">The lower end of the y axis, or null for the lowest value.</param>
/// <param name="High">The upper end of the y axis, or null for the highest value.</param>
/// <param name="IsRatio">Whether the y axis is logarithmic where values differ tenfold.</param>
public sealed record ChartPanel(
    string YLabel, IReadOnlyList<ChartSeries> Series, double? Low = null, double? High = null, bool IsRatio = false);

/// <summary>
/// Draws line charts as SVG, in the colours of Okabe and Ito (Color Universal Design, 2008), which colour-blind readers can tell apart.
/// The same values give the same text in every locale.
/// </summary>
public static class LineChart
{
    private const int Width = 860, Left = 84, Right = 32, Top = 62, Bottom = 60;
    private const int FirstPanel = 300, OtherPanel = 130, PanelGap = 24, PixelsPerTick = 42, XTicks = 10;
    private const int LegendLine = 24, LegendDash = 24, LegendGap = 24, LetterWidth = 8;
    private const double MaxValue = 1e100, MaxRatio = 1e6;

    // the share of the highest and of the lowest details that may end at the edge, if they would make the others' range so much greater
    private const double Outliers = 0.01, Greater = 2;

    // more points than pixels only enlarge the file
    private const int MaxPoints = 1000;

    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"];

    /// <summary>
    /// Draws panels above each other. More than 1000 points are drawn as means of equal stretches; a single one between gaps is a dot.
    /// Where the outermost hundredths of a pale curve would more than double its range, they end at the edge.
    /// </summary>
    /// <param name="title">The title.</param>
    /// <param name="xLabel">The label of the x axis.</param>
    /// <param name="panels">At least one panel; the first is the tallest.</param>
    /// <param name="lastX">The end of the x axis, which begins at 0.</param>
    /// <exception cref="ArgumentException">No panels.</exception>
    public static string Svg(string title, string xLabel, IReadOnlyList<ChartPanel> panels, int lastX)
    {
        if (panels.Count == 0)
            throw new ArgumentException("LineChart: no panels; a chart takes one at least", nameof(panels));
        var xAxis = ChartAxis.Exactly(0, Math.Max(1, lastX), XTicks, Left, Width - Right);

        var body = new StringBuilder();
        int y = Top, colour = 0;
        for (int i = 0; i < panels.Count; i++)
        {
            int top = DrawLegend(body, panels[i].Series, colour, y);
            int bottom = top + (i == 0 ? FirstPanel : OtherPanel);
            DrawPanel(body, panels[i], xAxis, YAxis(panels[i], top, bottom), colour, labelX: i == panels.Count - 1);
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
        var values = panel.Series.SelectMany(series => Drawn(series.Points).Concat(WithoutOutliers(series.Details))).ToList();
        double low = panel.Low ?? Math.Min(values.DefaultIfEmpty(0).Min(), panel.High ?? double.PositiveInfinity);
        double high = panel.High ?? Math.Max(values.DefaultIfEmpty(0).Max(), low);
        double positive = Math.Max(values.Where(value => value > 0).DefaultIfEmpty(high).Min(), high / MaxRatio);
        return panel.IsRatio && high > 0 && high >= 10 * positive
            ? ChartAxis.Logarithmic(positive, high, bottom, top)
            : ChartAxis.Around(low, high, (bottom - top) / PixelsPerTick, bottom, top);
    }

    private static IEnumerable<double> Drawn(IEnumerable<ChartPoint> points) => points.Select(point => point.Y).Where(IsDrawn);

    private static IEnumerable<double> WithoutOutliers(IEnumerable<ChartPoint> points)
    {
        var sorted = Drawn(points).Order().ToList();
        int outliers = (int)(Outliers * sorted.Count);
        var kept = sorted[outliers..(sorted.Count - outliers)];
        return kept.Count > 0 && sorted[^1] - sorted[0] > Greater * (kept[^1] - kept[0]) ? kept : sorted;
    }

    private static void DrawPanel(
        StringBuilder svg, ChartPanel panel, ChartAxis xAxis, ChartAxis yAxis, int colour, bool labelX)
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
            DrawCurve(svg, panel.Series[i].Details, xAxis, yAxis, Colours[(colour + i) % Colours.Length], 1, 0.5);
        for (int i = 0; i < panel.Series.Count; i++)
            DrawCurve(svg, panel.Series[i].Points, xAxis, yAxis, Colours[(colour + i) % Colours.Length], 2, 1);
    }

    private static void DrawCurve(
        StringBuilder svg, IReadOnlyList<ChartPoint> points, ChartAxis xAxis, ChartAxis yAxis, string colour, int width, double opacity)
    {
        var run = new List<string>();
        foreach (var (x, y) in Thinned(points).Append(new(0, double.NaN)))
        {
            if (IsDrawn(y))
            {
                run.Add(string.Create(CultureInfo.InvariantCulture, $"{xAxis.ToPixel(x):0.#},{yAxis.ToPixel(y):0.#}"));
                continue;
            }
            if (run.Count > 1)
            {
                Line(svg, $"""<polyline points="{string.Join(' ', run)}" fill="none" stroke="{colour}" stroke-width="{width}" """);
                Line(svg, $"""stroke-opacity="{opacity}" stroke-linejoin="round"/>""");
            }
            else if (run is [var alone])
            {
                var centre = alone.Split(',');
                Line(svg, $"""<circle cx="{centre[0]}" cy="{centre[1]}" r="{1.5 * width}" fill="{colour}" fill-opacity="{opacity}"/>""");
            }
            run.Clear();
        }
    }

    // the mean of each stretch at its mean x; NaN for a stretch without values
    private static IEnumerable<ChartPoint> Thinned(IReadOnlyList<ChartPoint> points)
    {
        if (points.Count <= MaxPoints)
            return points;
        return points.Chunk((points.Count + MaxPoints - 1) / MaxPoints).Select(stretch =>
        {
            var drawn = stretch.Where(point => IsDrawn(point.Y)).DefaultIfEmpty(new(double.NaN, double.NaN)).ToList();
            return new ChartPoint(drawn.Average(point => point.X), drawn.Average(point => point.Y));
        });
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
