using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GanFromScratch.Gan.Files;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`--tensorboard`: what another reader of TensorBoard's files finds in them is what the run's own files say.</summary>
public sealed class TensorBoardTests
{
    /// <summary>The check value of RFC 3720, B.4, masked: (crc rotated right by 15) + a constant.</summary>
    [Test]
    public void TheCheckIsThatOfTheFormat()
    {
        const uint OfDigits = 0xE3069283; // CRC32C of "123456789"
        const uint Masked = unchecked(((OfDigits >> 15) | (OfDigits << 17)) + 0xA282EAD8);
        Assert.That(EventFile.Check("123456789"u8), Is.EqualTo(Masked));
    }

    [Test]
    public void EventsAreThoseOfTheRunsFiles()
    {
        string python = ToolRequirement.Python("crc32c", "google.protobuf");
        using var program = new GanProgram();
        program.Done("train --recipe odog --dataset digits --limit 64 --batch 32 --steps 3 --sample-every 1 --checkpoint-every 1 "
            + "--tensorboard --output run");
        program.Done("resume run --steps 6");
        string[] files = [.. Directory.GetFiles(program["run"], "events.out.tfevents.*").Order(StringComparer.Ordinal)];
        Assert.That(files.Select(Path.GetFileName), Is.EqualTo((string[])
            ["events.out.tfevents.00000000.gan", "events.out.tfevents.00000003.gan"]), "each start has its own");

        string script = Path.Combine(AppContext.BaseDirectory, "Gan", "Runs", "read_events.py");
        var result = Processes.Run(python, [script, .. files]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        JsonNode[] events = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        Assert.That(events.Where(one => (string?)one["version"] == "brain.Event:2").Count(), Is.EqualTo(2));
        int[] starts = [.. events.Where(one => (int)one["status"]! == 1).Select(one => (int)one["step"]!)];
        Assert.That(starts, Is.EqualTo((int[])[4]), "readers forget what is of this step or later");
        double now = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        Assert.That(events.Select(one => (double)one["time"]!), Is.All.InRange(now - 600, now));

        foreach (var line in File.ReadLines(program["run", "steps.csv"]).Skip(1).Select(line => line.Split(',')))
            Assert.That((float)Last("step/d_loss", int.Parse(line[0]))!["scalar"]!, Is.EqualTo(float.Parse(line[1])).Within(1e-6f));
        foreach (var epoch in File.ReadLines(program["run", "metrics.jsonl"]).Select(line => JsonNode.Parse(line)!))
        {
            int step = (int)epoch["step"]!;
            float energy = (float)epoch["energy_distance"]!;
            Assert.That((float)Last("epoch/energy_distance", step)!["scalar"]!, Is.EqualTo(energy).Within(1e-6f));
            byte[] grid = File.ReadAllBytes(program["run", "samples", $"epoch-{(int)epoch["epoch"]!:0000}.png"]);
            Assert.That((string?)Last("samples", step)!["image"]![3], Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(grid))));
            var histogram = Last("scores/real", step)!["histogram"]!;
            Assert.That((double)histogram[0]!, Is.EqualTo((double)histogram[1]!).And.GreaterThan(0));
            Assert.That((double)histogram[4]!, Is.EqualTo((double)histogram[3]!).Within(1e-5), "the last bin ends at the greatest");
        }
        Assert.That((string?)Last("settings", 0)!["text"], Does.Contain("\"recipe\": \"odog\""));

        JsonNode? Last(string tag, int step) => events.Where(one => (int)one["step"]! == step)
            .SelectMany(one => one["values"]!.AsArray()).LastOrDefault(value => (string?)value!["tag"] == tag);
    }

    /// <summary>A run that begins again at an older step forgets the starts after it, as it does its other files.</summary>
    [Test]
    public void LaterStartsAreForgotten()
    {
        using var program = new GanProgram();
        program.Done("train --recipe odog --dataset digits --limit 64 --batch 32 --steps 2 --checkpoint-every 1 --keep 9 --sample-every 1 "
            + "--tensorboard --output run");
        program.Done("resume run --steps 4");
        program.Done("resume run --steps 6");
        program.Done($"resume run --steps 6 --from {Path.Combine("run", "checkpoints", "step-00000002.safetensors")}");
        Assert.That(
            Directory.GetFiles(program["run"], "events.*").Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo((string[])["events.out.tfevents.00000000.gan", "events.out.tfevents.00000002.gan"]));
    }
}
