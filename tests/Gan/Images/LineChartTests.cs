using System.Globalization;
using System.Xml.Linq;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly double[][] Awkward =
    [
        [],
        [1],
        [double.NaN],
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity],
        [3, 3, 3, 3],
        [0, 0],
        [-5, -5],
        [1, double.NaN, 2, 3, double.NaN, double.NaN, 4],
        [double.MaxValue, 1, double.MinValue],
        [1e99, -1e99],
        [1e-99, 2e-99],
        [1e-320, 0],
        [0.693147180, 0.693147181],
        [1e20, 1e20 + 1e13],
        [-1e-3, 12345678],
    ];

    [Test]
    public void EverythingLiesWithinThePicture([Range(0, 14)] int which)
    {
        var values = Awkward[which];
        var svg = Parse(Chart(values, [.. values.Reverse(), 0.5]));
        AssertBounds(svg);
    }

    [Test]
    public void EverySeriesIsALineAndGapsCutIt()
    {
        Assert.That(Lines(Chart([1, 2, 3], [3, 2, 1])), Has.Count.EqualTo(2));
        var cut = Parse(Chart([1, 2, double.NaN, 3, 4, double.NaN, 5]));
        Assert.That(cut.Descendants(Svg + "polyline").Count(), Is.EqualTo(2));
        Assert.That(cut.Descendants(Svg + "circle").Count(), Is.EqualTo(1));
        Assert.That(Lines(Chart([], [double.NaN, double.NaN])), Is.Empty);
        Assert.That(Lines(Chart([4, 4, 4])), Has.Count.EqualTo(1));
    }

    /// <summary>They are pale, behind every curve, and a rare spike among them ends at the edge instead of flattening the curves.</summary>
    [Test]
    public void DetailsLieBeneathTheCurves()
    {
        var details = Curve([.. Enumerable.Range(0, 400).Select(i => i == 200 ? 1e6 : i == 100 ? double.NaN : i % 3)]);
        var series = new ChartSeries("s", Curve([0, 2]), details);
        var lines = Lines(LineChart.Svg("t", "x", [new("y", [series, new("u", Curve([1, 1]), [])])], 400));
        Assert.That(lines.Select(line => Number(line.Attribute("stroke-opacity")!.Value)), Is.EqualTo(new[] { 0.5, 0.5, 1, 1 }));
        Assert.That(lines.Select(line => line.Attribute("stroke")!.Value).Distinct().Count(), Is.EqualTo(2));
        double Height(XElement line) => Points(line).Max(p => p.Y) - Points(line).Min(p => p.Y);
        Assert.That(Height(lines[2]), Is.EqualTo(300), "from 0 to 2");
        Assert.That(Height(lines[1]), Is.EqualTo(300), "the spike is cut");
    }

    [Test]
    public void PointsLieWhereTheAxesSay()
    {
        var svg = Parse(LineChart.Svg("t", "x", [new("y", [new("s", [new(0, 0), new(1, 10), new(2, 5)], [])], 0, 10)], 2));
        var points = Points(svg.Descendants(Svg + "polyline").Single());
        Assert.That(points[0].X, Is.EqualTo(84));
        Assert.That(points[2].X, Is.EqualTo(860 - 32));
        Assert.That(points[1].X, Is.EqualTo((84 + 860 - 32) / 2.0));
        Assert.That(points[0].Y - points[1].Y, Is.EqualTo(300));
        Assert.That(points[2].Y, Is.EqualTo((points[0].Y + points[1].Y) / 2));
    }

    [Test]
    public void LongSeriesAreDrawnByTheirMeans()
    {
        var series = new ChartSeries("s", Curve([.. Enumerable.Range(0, 25_000).Select(i => i % 2 == 0 ? 0.0 : 1.0)]), []);
        var points = Points(Parse(LineChart.Svg("t", "x", [new("y", [series], 0, 1)], 25_000)).Descendants(Svg + "polyline").Single());
        Assert.That(points, Has.Count.LessThanOrEqualTo(1000).And.Count.GreaterThan(500));
        double top = 62 + 18, middle = top + 150;
        Assert.That(points.Select(p => p.Y), Is.All.EqualTo(middle).Within(7));
        Assert.That(points.Zip(points.Skip(1)).All(pair => pair.Second.X > pair.First.X), Is.True);
        Assert.That(points[0].X, Is.EqualTo(84).Within(1));
        Assert.That(points[^1].X, Is.EqualTo(828).Within(1));
    }

    [TestCase(0.0, 1.0, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [TestCase(-3.2, 8.0, "-4 -2 0 2 4 6 8")]
    [TestCase(0.101, 0.107, "0.101 0.102 0.103 0.104 0.105 0.106 0.107")]
    [TestCase(0.0, 23456.0, "0 5000 10000 15000 20000 25000")]
    [TestCase(0.0, 3e12, "0 5E+11 1E+12 1.5E+12 2E+12 2.5E+12 3E+12")]
    [TestCase(0.0, 4e-9, "0 1E-09 2E-09 3E-09 4E-09")]
    public void TicksAreRound(double low, double high, string expected)
    {
        var axis = ChartAxis.Around(low, high, 6, 300, 0);
        Assert.That(string.Join(' ', axis.Ticks().Select(axis.Label)), Is.EqualTo(expected));
    }

    [TestCase(0.03, 1.06, "0.02 0.05 0.1 0.2 0.5 1 2")]
    [TestCase(0.02, 0.5, "0.02 0.05 0.1 0.2 0.5")]
    [TestCase(0.004, 3.0, "0.01 0.1 1")]
    [TestCase(1.0, 1e6, "1 10 100 1000 10000 100000 1000000")]
    [TestCase(3e19, 3e20, "2E+19 5E+19 1E+20 2E+20 5E+20")]
    public void LogarithmicTicksAreRound(double low, double high, string expected)
    {
        var axis = ChartAxis.Logarithmic(low, high, 300, 0);
        Assert.That(string.Join(' ', axis.Ticks().Select(axis.Label)), Is.EqualTo(expected));
        Assert.That((axis.ToPixel(axis.Low), axis.ToPixel(axis.High), axis.ToPixel(-1)), Is.EqualTo((300.0, 0.0, 300.0)));
        Assert.That(axis.ToPixel(Math.Sqrt(axis.Low * axis.High)), Is.EqualTo(150).Within(1e-9));
        Assert.That(axis.Low <= low && axis.High >= high, Is.True);
    }

    /// <summary>Where values don't differ tenfold, or none is positive, the axis is linear.</summary>
    [TestCase(new[] { 1.0, 0.05 }, "0.05")]
    [TestCase(new[] { 1.0, 0.05, 0.0, -0.01 }, "0.05")]
    [TestCase(new[] { 1.0, 0.9 }, "0.96")]
    [TestCase(new[] { -1.0, -0.05 }, "-1.0")]
    [TestCase(new[] { 1.0, 1e-30 }, "1E-06")]
    public void RatiosHaveALogarithmicAxisIfItHelps(double[] values, string label)
    {
        string svg = LineChart.Svg("t", "x", [new("y", [new("s", Curve(values), [])], IsRatio: true)], values.Length);
        Assert.That(Parse(svg).Descendants(Svg + "text").Select(t => t.Value), Does.Contain(label));
        AssertBounds(Parse(svg));
    }

    [TestCase(1, 2, "1 2")]
    [TestCase(1, 20, "2 4 6 8 10 12 14 16 18 20")]
    [TestCase(0, 469, "0 50 100 150 200 250 300 350 400 450")]
    public void CountsHaveWholeTicks(int low, int high, string expected)
    {
        var axis = ChartAxis.Exactly(low, high, 10, 0, 100);
        Assert.That(string.Join(' ', axis.Ticks().Select(axis.Label)), Is.EqualTo(expected));
        Assert.That((axis.ToPixel(low), axis.ToPixel(high)), Is.EqualTo((0.0, 100.0)));
    }

    [Test]
    public void LabelsOfOneAxisAllDifferAndFitTheMargin()
    {
        var random = new Random(3);
        for (int i = 0; i < 5000; i++)
        {
            double scale = Math.Pow(10, random.Next(-60, 60)), middle = (random.NextDouble() - 0.5) * scale;
            double range = scale * Math.Pow(10, -random.Next(0, 12));
            var axis = ChartAxis.Around(middle, middle + range, 6, 300, 0);
            var labels = axis.Ticks().Select(axis.Label).ToList();
            Assert.That(labels, Is.Unique.And.Count.InRange(2, 9), $"{middle} + {range}");
            Assert.That(labels.Select(label => label.Length), Is.All.LessThanOrEqualTo(11), string.Join(' ', labels));
            Assert.That(axis.Low <= middle && axis.High >= middle + range, Is.True, $"{middle} + {range}");
        }
    }

    [Test]
    public void NamesAreEscaped()
    {
        const string Name = "<G> & \"D\" 损失 😀 \u0001\ud800";
        var svg = Parse(LineChart.Svg(Name, Name, [new(Name, [new(Name, Curve([1, 2]), [])])], 2));
        Assert.That(svg.Descendants(Svg + "text").Count(t => t.Value == "<G> & \"D\" 损失 😀 \uFFFD\uFFFD"), Is.EqualTo(4));
    }

    [Test]
    public void ALongLegendWraps()
    {
        var series = Enumerable.Range(0, 12).Select(i => new ChartSeries($"a series of number {i}", Curve([i, i + 1]), [])).ToList();
        string text = LineChart.Svg("t", "x", [new("y", series), new("z", series)], 2);
        AssertBounds(Parse(text));
        Assert.That(Lines(text), Has.Count.EqualTo(24));
    }

    [Test]
    public void TheLanguageOfTheThreadChangesNothing()
    {
        string here = Chart([0.5, 1.25], [1000.5, -2]);
        var before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = comma;
            Assert.That(Chart([0.5, 1.25], [1000.5, -2]), Is.EqualTo(here));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void NoPanelsAreRefused() => Assert.Throws<ArgumentException>(() => LineChart.Svg("t", "x", [], 1));

    private static string Chart(params double[][] series)
    {
        var curves = series.Select((values, i) => new ChartSeries($"s{i}", Curve(values), [])).ToList();
        return LineChart.Svg("title", "x", [new("y", curves), new("z", [])], series.Max(values => values.Length));
    }

    private static ChartPoint[] Curve(double[] values) => [.. values.Select((value, i) => new ChartPoint(i + 1, value))];

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;

    private static List<XElement> Lines(string svg) => [.. Parse(svg).Descendants(Svg + "polyline")];

    private static List<(double X, double Y)> Points(XElement line) =>
        [.. line.Attribute("points")!.Value.Split(' ').Select(point => point.Split(',')).Select(p => (Number(p[0]), Number(p[1])))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void AssertBounds(XElement svg)
    {
        double width = Number(svg.Attribute("width")!.Value), height = Number(svg.Attribute("height")!.Value);
        Assert.That(svg.Attribute("viewBox")!.Value, Is.EqualTo($"0 0 {width} {height}"));
        var corners = svg.Descendants(Svg + "polyline").SelectMany(Points)
            .Concat(svg.Descendants(Svg + "circle").Select(c => (X: Number(c.Attribute("cx")!.Value), Y: Number(c.Attribute("cy")!.Value))))
            .Concat(svg.Descendants(Svg + "text").Where(t => t.Attribute("x") is not null).SelectMany(Corners))
            .ToList();
        Assert.That(corners, Is.Not.Empty);
        Assert.That(corners.Select(p => p.X), Is.All.InRange(0, width));
        Assert.That(corners.Select(p => p.Y), Is.All.InRange(0, height));
    }

    // 7 pixels a character is wide for 13-pixel type
    private static IEnumerable<(double X, double Y)> Corners(XElement text)
    {
        double x = Number(text.Attribute("x")!.Value), y = Number(text.Attribute("y")!.Value), length = 7 * text.Value.Length;
        double start = text.Attribute("text-anchor")?.Value switch { "end" => x - length, "middle" => x - length / 2, _ => x };
        return [(start, y), (start + length, y - 10)];
    }
}
