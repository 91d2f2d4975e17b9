using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What an objective changes, what it refuses, and how rates fall.</summary>
[TestFixture]
[Quick]
internal sealed class ObjectiveTests
{
    private static AdversarialLoss Loss(string name) => AdversarialLoss.Find(name);

    [Test]
    public void WhatIsAroundAStepLeavesTheRecipesOwn()
    {
        var around = new Objective { Ema = 0.9f, RateDecay = RateDecay.Linear, GradientClip = 1, SpectralNorm = true };
        Assert.That(around.KeepsOwnStep, Is.True);
        Assert.That(new Objective().KeepsOwnStep, Is.True);
        Objective[] within =
        [
            around with { Loss = Loss("hinge") }, new() { R1 = 1 }, new() { R2 = 1 }, new() { GradientPenalty = 1 },
            new() { LabelSmoothing = 0.1f }, new() { FlipLabels = 0.1f }, new() { InstanceNoise = 0.1f },
            new() { DiscriminatorSteps = 2 }, new() { Pack = 2 },
        ];
        Assert.That(within.Select(objective => objective.KeepsOwnStep), Has.All.False);
    }

    [TestCase("wgan", "--label-smoothing needs labels, and the loss wgan has none")]
    [TestCase("hinge", "--label-smoothing needs labels, and the loss hinge has none")]
    [TestCase("relativistic", "--label-smoothing needs labels, and the loss relativistic has none")]
    public void LabelsThatALossDoesNotHaveAreRefused(string loss, string says)
    {
        Refused(new Objective { Loss = Loss(loss), LabelSmoothing = 0.1f }, says, "bce, saturating, lsgan");
        Refused(
            new Objective { Loss = Loss(loss), FlipLabels = 0.1f },
            says.Replace("label-smoothing", "flip-labels", StringComparison.Ordinal));
    }

    [Test]
    public void PenaltiesThatUndoEachOtherAreRefused()
    {
        Refused(new Objective { R1 = 1, GradientPenalty = 1 }, "--r1", "--gp");
        Refused(
            new Objective { Loss = Loss("wgan-gp"), GradientPenalty = 10, R2 = 1 },
            "--r2", "the loss wgan-gp", "the loss wgan goes with --r2");
        Refused(new Objective { Loss = Loss("wgan-gp") }, "nothing but its penalty", "--loss wgan");
    }

    [Test]
    public void WhatMakesSenseIsNotRefused()
    {
        foreach (var loss in AdversarialLoss.All)
        {
            var objective = new Objective
            {
                Loss = loss,
                GradientPenalty = loss.GradientPenalty,
                SpectralNorm = true,
                Ema = 0.9f,
                Pack = 2,
                InstanceNoise = 0.1f,
            };
            Assert.That(objective.Checked(), Is.SameAs(objective));
            if (loss.HasLabels)
                Assert.That((objective with { LabelSmoothing = 0.1f, FlipLabels = 0.05f }).Checked(), Is.Not.Null);
        }
    }

    [Test]
    public void OnlyWeightsThatNothingElseBoundsAreClipped()
    {
        Assert.That(new Objective { Loss = Loss("wgan") }.WeightClip, Is.EqualTo(0.01f));
        Assert.That(new Objective { Loss = Loss("wgan"), SpectralNorm = true }.WeightClip, Is.Null);
        Assert.That(new Objective { Loss = Loss("wgan"), R1 = 1 }.WeightClip, Is.Null);
        Assert.That(new Objective { Loss = Loss("wgan-gp"), GradientPenalty = 10 }.WeightClip, Is.Null);
        Assert.That(new Objective().WeightClip, Is.Null);
    }

    [Test]
    public void IsWordedAsTheOptionsThatAskForIt()
    {
        Assert.That(new Objective().ToString(), Is.Empty);
        Assert.That(new Stable().Objective.ToString(), Is.EqualTo("--loss relativistic --r1 1 --r2 1 --ema 0.999 --lr-decay cosine"));
        var all = new Objective
        {
            Loss = Loss("lsgan"),
            R1 = 1,
            R2 = 2,
            LabelSmoothing = 0.1f,
            FlipLabels = 0.05f,
            InstanceNoise = 0.2f,
            SpectralNorm = true,
            Ema = 0.99f,
            DiscriminatorSteps = 3,
            RateDecay = RateDecay.Linear,
            GradientClip = 5,
            Pack = 2,
        };
        Assert.That(
            all.ToString(),
            Is.EqualTo("--loss lsgan --r1 1 --r2 2 --label-smoothing 0.1 --flip-labels 0.05 --instance-noise 0.2 --spectral-norm "
                + "--ema 0.99 --d-steps 3 --lr-decay linear --grad-clip 5 --pack 2"));
    }

    private static void Refused(Objective objective, params string[] says)
    {
        var fault = Assert.Throws<GanException>(() => objective.Checked())!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Usage));
        foreach (string part in says)
            Assert.That(fault.Message, Does.Contain(part).IgnoreCase);
    }
}
