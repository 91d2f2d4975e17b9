using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What `--augment` does to pictures within a step.</summary>
[TestFixture]
internal sealed class AugmentationTests
{
    private const int Height = 16, Width = 8, Batch = 24, Reach = Height / 8;

    /// <summary>
    /// D gets each picture moved or mirrored, real ones and generated ones, by draws of their own, as rows and columns; and G learns
    /// through the move.
    /// </summary>
    [TestCase(Augmentation.Shift)]
    [TestCase(Augmentation.Flip)]
    [TestCase(Augmentation.Both)]
    public void AllThatDSeesIsAugmented(Augmentation augment)
    {
        using var device = new CpuDevice(1);
        var recipe = new WatchedOdog();
        var picture = new PictureShape(Height, Width, 1);
        var objective = new Objective { Augment = augment };
        using var model = new SteppedModel(recipe, device, picture, seed: 3, batch: Batch, objective: objective);
        float[] reals = [.. Enumerable.Range(0, Batch * picture.Length).Select(i => MathF.Sin(i))];
        using var real = Tensor.From(device, new Shape(Batch, picture.Length), reals);
        float[][] before = [.. model.Model.Generator.Parameters.Select(parameter => parameter.Value.ToArray())];
        _ = model.Step(real);

        Assert.That((recipe.Made.Count, recipe.Judged.Count), Is.EqualTo((2, 3)), "reals and fakes for D, then fakes for G");
        float[][] originals = [reals, recipe.Made[0], recipe.Made[1]];
        foreach (var (original, judged) in originals.Zip(recipe.Judged))
        {
            var moves = original.Chunk(picture.Length).Zip(judged.Chunk(picture.Length), MoveOf).ToList();
            Assert.That(moves, Has.None.Null);
            bool[] mirrored = [.. moves.Select(move => move!.Value.Mirrored).Distinct().Order()];
            Assert.That(mirrored, Is.EqualTo(augment == Augmentation.Shift ? (bool[])[false] : [false, true]));
            int ways = moves.Select(move => (move!.Value.Down, move.Value.Across)).Distinct().Count();
            Assert.That(ways, augment == Augmentation.Flip ? Is.EqualTo(1) : Is.GreaterThan(8));
        }
        var after = model.Model.Generator.Parameters.Select(parameter => parameter.Value.ToArray());
        Assert.That(after.Zip(before, (now, was) => now.SequenceEqual(was)), Has.All.False, "G learns through it");
        Assert.That($"{objective}", Is.EqualTo($"--augment {augment.ToString().ToLowerInvariant()}"));
        Assert.That(objective.KeepsOwnStep, Is.False);
    }

    // how a picture was moved; null: in no way that is allowed. What came from outside is the darkest value.
    private static (int Down, int Across, bool Mirrored)? MoveOf(float[] original, float[] judged)
    {
        for (int down = -Reach; down <= Reach; down++)
        {
            for (int across = -Reach; across <= Reach; across++)
            {
                foreach (bool isMirrored in (bool[])[false, true])
                {
                    var (rows, columns, mirrored) = (down, across, isMirrored);
                    if (Enumerable.Range(0, judged.Length).All(i => judged[i] == From((i / Width) - rows, i % Width, columns, mirrored)))
                        return (down, across, isMirrored);
                }
            }
        }
        return null;

        float From(int row, int column, int across, bool mirrored)
        {
            int from = (mirrored ? Width - 1 - column : column) - across;
            return row is >= 0 and < Height && from is >= 0 and < Width ? original[(row * Width) + from] : -1f;
        }
    }

    /// <summary>A recipe that keeps what G made, and what came to D.</summary>
    private sealed class WatchedOdog : SmallOdog
    {
        public List<float[]> Made { get; } = [];

        public List<float[]> Judged { get; } = [];

        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new([.. base.Generator(make, picture).Layers, new Watch(Made)]);

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
            new([new Watch(Judged), .. base.Discriminator(make, picture).Layers]);
    }

    private sealed class Watch(List<float[]> seen) : Module
    {
        public override IReadOnlyList<LayerSpec> Specs => [];

        public override Var Forward(Var x, Pass pass)
        {
            seen.Add(x.Value.ToArray());
            return x;
        }
    }
}
