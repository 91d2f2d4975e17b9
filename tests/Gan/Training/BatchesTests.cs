using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Batches of the three rules, from a set whose picture i has the value i in its first pixel.</summary>
[Quick]
public sealed class BatchesTests
{
    private static readonly ImageSet Numbered = Set(100);

    [Test]
    public void WithReplacementEveryPictureIsDrawnFromAll()
    {
        int[][] batches = Draw(RecipeBook.BuiltIn.Find("odog"), Numbered, 100, 32, epochs: 40, out int steps);
        Assert.That(steps, Is.EqualTo(4));
        Assert.That(batches.Select(batch => batch.Length), Has.All.EqualTo(32));
        Assert.That(batches.SelectMany(batch => batch).Distinct().Count(), Is.EqualTo(100));
        Assert.That(batches.Any(batch => batch.Distinct().Count() < 32), Is.True, "no picture was ever drawn twice in a batch");
    }

    [TestCase("fabo", 3, 96)]
    [TestCase("hsu", 4, 100)]
    public void ShuffledEpochsHaveEachPictureOnce(string recipe, int expectedSteps, int expectedPictures)
    {
        int[][] batches = Draw(RecipeBook.BuiltIn.Find(recipe), Numbered, 100, 32, epochs: 2, out int steps);
        Assert.That(steps, Is.EqualTo(expectedSteps));
        int[] first = [.. batches[..steps].SelectMany(batch => batch)], second = [.. batches[steps..].SelectMany(batch => batch)];
        Assert.That(first, Has.Length.EqualTo(expectedPictures));
        Assert.That(first, Is.Unique);
        Assert.That(second, Is.Unique);
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(batches[steps - 1], Has.Length.EqualTo(expectedPictures - (32 * (steps - 1))));
    }

    [Test]
    public void AWholeMnistLosesThePicturesThatTheDocumentSetsAside()
    {
        var whole = Set(60_000);
        int[][] batches = Draw(RecipeBook.BuiltIn.Find("fabo"), whole, 55_000, 100, epochs: 1, out int steps);
        Assert.That(steps, Is.EqualTo(550));
        Assert.That(batches.SelectMany(batch => batch).Order(), Is.EqualTo(Enumerable.Range(5_000, 55_000)));
        Assert.That(Batches.SetAsideOf(RecipeBook.BuiltIn.Find("fabo"), 59_999), Is.Zero);
        Assert.That(Batches.SetAsideOf(RecipeBook.BuiltIn.Find("odog"), 60_000), Is.Zero);
    }

    [TestCase("odog", -1f, 1f)]
    [TestCase("sdl", 0f, 1f)]
    public void PixelsAreScaledToTheRecipesRange(string recipe, float low, float high)
    {
        using var device = new CpuDevice(1);
        var images = new ImageSet("test", "here", 1, new PictureShape(1, 3, 1), [0, 51, 255], null);
        var batches = new Batches(images, 1, RecipeBook.BuiltIn.Find(recipe), 1, device, SeedStream.Data.Of(0));
        using var batch = batches.Next(0)[0];
        Assert.That(batch.ToArray(), Is.EqualTo(new[] { low, low + (0.2f * (high - low)), high }).Within(1e-6f));
    }

    /// <summary>
    /// A step that takes three batches takes them in the epoch's order; the last step has what is left, and no pack is cut.
    /// </summary>
    [Test]
    public void AStepTakesTheBatchesThatItAsksFor()
    {
        using var device = new CpuDevice(1);
        var batches = new Batches(Numbered, 100, RecipeBook.BuiltIn.Find("hsu"), 20, device, SeedStream.Data.Of(3), perStep: 2, pack: 5);
        Assert.That(batches.StepsPerEpoch, Is.EqualTo(3));
        Assert.That(
            Enumerable.Range(0, 3).Select(step => string.Join(' ', Rows(batches.Next(step)))),
            Is.EqualTo(new[] { "20 20", "20 20", "20" }));
        var packs = new Batches(Numbered, 98, RecipeBook.BuiltIn.Find("hsu"), 20, device, SeedStream.Data.Of(3), pack: 5);
        Assert.That(packs.StepsPerEpoch, Is.EqualTo(5));
        Assert.That(Enumerable.Range(0, 5).SelectMany(step => Rows(packs.Next(step))), Is.EqualTo(new[] { 20, 20, 20, 20, 15 }));
        var few = new Batches(Numbered, 43, RecipeBook.BuiltIn.Find("hsu"), 20, device, SeedStream.Data.Of(3), pack: 5);
        Assert.That(few.StepsPerEpoch, Is.EqualTo(2), "three pictures fill no pack of five");

        static IEnumerable<int> Rows(Tensor[] batches) => batches.Select(batch => batch.Shape.Rows);
    }

    /// <summary>
    /// About half of the pictures are mirrored, others each time, on every device the same; a resumed epoch has those of one that went on.
    /// </summary>
    [TestCase("odog")]
    [TestCase("hsu")]
    public void MirroredPictures(string recipe)
    {
        float low = RecipeBook.BuiltIn.Find(recipe).PixelRange.Low;
        using var device = new CpuDevice(2);
        using var emulated = DeviceCatalog.OpenEmulated(DeviceSettings.OfThisProcess());
        var images = new ImageSet(
            "test", "here", 100, new PictureShape(1, 3, 2 + 1),
            [.. Enumerable.Range(0, 100).SelectMany(i => new byte[] { (byte)i, 1, 2, (byte)i, 4, 5, (byte)i, 7, 8 })], null);
        float[][] first = Draw(device, 2), again = Draw(emulated, 2);
        Assert.That(again, Is.EqualTo(first));
        int mirrored = 0, all = 0;
        foreach (float[] picture in first.SelectMany(batch => batch.Chunk(9)))
        {
            int[] bytes = [.. picture.Select(v => (int)MathF.Round((v - low) / (1 - low) * 255))];
            int[] rest = [bytes[1], bytes[2], bytes[4], bytes[5], bytes[7], bytes[8]];
            bool isMirrored = bytes[1] == 7;
            Assert.That(rest, Is.EqualTo(isMirrored ? new[] { 7, 8, 4, 5, 1, 2 } : [1, 2, 4, 5, 7, 8]));
            Assert.That(bytes[0] == bytes[3] && bytes[3] == bytes[6], Is.True);
            all++;
            mirrored += isMirrored ? 1 : 0;
        }
        Assert.That(mirrored, Is.InRange(all * 2 / 5, all * 3 / 5));
        int half = first.Length / 2;
        Assert.That(first[half..].Zip(first[..half]).All(pair => pair.First.SequenceEqual(pair.Second)), Is.False);

        var whole = Batches(device);
        for (int step = 0; step < 3; step++)
            whole.Next(step);
        ulong position = whole.PositionAfter(3);
        var resumed = Batches(device);
        Assert.That(resumed.ResumeAfter(position, 3).Single().ToArray(), Is.EqualTo(first[2]));
        Assert.That(resumed.Next(3).Single().ToArray(), Is.EqualTo(first[3]));

        float[][] Draw(Device on, int epochs)
        {
            using var batches = Batches(on);
            return [.. Enumerable.Range(0, epochs * batches.StepsPerEpoch)
                .Select(step => batches.Next(step % batches.StepsPerEpoch).Single().ToArray())];
        }

        Batches Batches(Device on) => new(
            images, 100, RecipeBook.BuiltIn.Find(recipe), 24, on, SeedStream.Data.Of(3), mirrors: SeedStream.Mirrors.Of(3));
    }

    /// <summary>The numbers of the pictures in each batch.</summary>
    private static int[][] Draw(Recipe recipe, ImageSet images, int used, int batch, int epochs, out int stepsPerEpoch)
    {
        using var device = new CpuDevice(1);
        var batches = new Batches(images, used, recipe, batch, device, SeedStream.Data.Of(3));
        int steps = stepsPerEpoch = batches.StepsPerEpoch;
        var (low, high) = recipe.PixelRange;
        return
        [
            .. Enumerable.Range(0, epochs * steps).Select(step =>
            {
                using var real = batches.Next(step % steps).Single();
                float[] pixels = real.ToArray();
                int Byte(int i) => (int)MathF.Round((pixels[i] - low) / (high - low) * 255);
                return Enumerable.Range(0, real.Shape.Rows).Select(n => Byte(2 * n) + (256 * Byte((2 * n) + 1))).ToArray();
            }),
        ];
    }

    private static ImageSet Set(int count) => new(
        "test", "here", count, new PictureShape(1, 2, 1),
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { (byte)(i % 256), (byte)(i / 256) })], null);
}
