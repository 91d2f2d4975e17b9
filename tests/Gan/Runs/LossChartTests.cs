using System.Xml.Linq;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

internal sealed class LossChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void LossesAndAccuraciesAreFourLinesOfFourColours()
    {
        var svg = XDocument.Parse(LossChart.Svg("odog on MNIST", [1, 0.5, 0.6], [0.7, 1.5, 2], [0.9, 0.8, 0.7], [0.6, 0.9, 0.8])).Root!;
        var lines = svg.Descendants(Svg + "polyline").ToList();
        Assert.That(lines, Has.Count.EqualTo(4));
        Assert.That(lines.Select(line => line.Attribute("stroke")!.Value), Is.Unique);
        Assert.That(
            svg.Descendants(Svg + "text").Select(t => t.Value),
            Does.Contain("odog on MNIST").And.Contain("epoch").And.Contain("D's accuracy"));
    }

    [Test]
    public void WithoutAccuraciesThereIsOnePanel()
    {
        var svg = XDocument.Parse(LossChart.Svg("t", [1, 2], [2, 1], [], [])).Root!;
        Assert.That(svg.Descendants(Svg + "polyline").Count(), Is.EqualTo(2));
        Assert.That(svg.Descendants(Svg + "text").Select(t => t.Value), Does.Not.Contain("D's accuracy"));
    }

    [Test]
    public void BeforeTheFirstEpochItIsAnEmptyChart() =>
        Assert.That(XDocument.Parse(LossChart.Svg("t", [], [], [], [])).Descendants(Svg + "polyline"), Is.Empty);
}
