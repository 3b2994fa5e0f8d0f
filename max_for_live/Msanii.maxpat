{
	"patcher": {
		"fileversion": 1,
		"appversion": {
			"major": 8,
			"minor": 6,
			"revision": 5,
			"architecture": "x64",
			"modernui": 1
		},
		"classnamespace": "box",
		"rect": [
			100.0,
			100.0,
			1740.0,
			2110.0
		],
		"openrect": [
			0.0,
			0.0,
			552.0,
			169.0
		],
		"openinpresentation": 1,
		"digest": "Msanii device 27",
		"default_fontsize": 10.0,
		"default_fontface": 0,
		"default_fontname": "Ableton Sans Medium",
		"gridsize": [
			8.0,
			8.0
		],
		"boxanimatetime": 500,
		"devicewidth": 552.0,
		"boxes": [
			{
				"box": {
					"id": "obj-1",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						200.0,
						190.0,
						22.0
					],
					"text": "Script and face"
				}
			},
			{
				"box": {
					"id": "obj-2",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "js MsaniiLive.js",
					"saved_object_attributes": {
						"filename": "MsaniiLive.js",
						"parameter_enable": 0
					}
				}
			},
			{
				"box": {
					"id": "obj-3",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						240.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Generate",
					"presentation": 1,
					"presentation_rect": [
						400.0,
						4.0,
						100.0,
						28.0
					],
					"varname": "generate",
					"annotation_name": "Generate Button",
					"annotation": "Asks the bridge for takes with everything shown here, at the set's tempo, meter and key.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Generate",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Generate Button",
							"parameter_shortname": "Generate",
							"parameter_annotation_name": "Generate Button",
							"parameter_info": "Asks the bridge for takes with everything shown here, at the set's tempo, meter and key.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-4",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Cancel",
					"presentation": 1,
					"presentation_rect": [
						504.0,
						4.0,
						40.0,
						28.0
					],
					"varname": "cancel",
					"annotation_name": "Cancel Button",
					"annotation": "Stops this device's render.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Cancel",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Cancel Button",
							"parameter_shortname": "Cancel",
							"parameter_annotation_name": "Cancel Button",
							"parameter_info": "Stops this device's render.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-5",
					"maxclass": "live.tab",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						660.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						8.0,
						38.0,
						260.0,
						16.0
					],
					"varname": "verb",
					"annotation_name": "Verb",
					"annotation": "What to do: new music, a variation of the source, a blend of two sources, a part of the source renewed, or the source continued.",
					"num_lines_patching": 1,
					"num_lines_presentation": 1,
					"livemode": 1,
					"mode": 1,
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Verb",
							"parameter_shortname": "Verb",
							"parameter_annotation_name": "Verb",
							"parameter_info": "What to do: new music, a variation of the source, a blend of two sources, a part of the source renewed, or the source continued.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 4,
							"parameter_type": 2,
							"parameter_enum": [
								"Generate",
								"Vary",
								"Interpolate",
								"Inpaint",
								"Outpaint"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-6",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Hear clip",
					"presentation": 1,
					"presentation_rect": [
						276.0,
						38.0,
						50.0,
						16.0
					],
					"varname": "hear_clip",
					"annotation_name": "Hear Clip Button",
					"annotation": "Tells tempo, meter, key and chords of the selected audio clip, as it is heard.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Hear clip",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Hear Clip Button",
							"parameter_shortname": "Hear clip",
							"parameter_annotation_name": "Hear Clip Button",
							"parameter_info": "Tells tempo, meter, key and chords of the selected audio clip, as it is heard.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-7",
					"maxclass": "textedit",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						1080.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"int",
						"",
						""
					],
					"text": "9800",
					"presentation": 1,
					"presentation_rect": [
						356.0,
						38.0,
						36.0,
						16.0
					],
					"varname": "daemon_port",
					"keymode": 1,
					"outputmode": 1,
					"nosymquotes": 1,
					"lines": 1,
					"wordwrap": 0,
					"rounded": 0.0,
					"border": 0.0,
					"fontsize": 9.5,
					"parameter_enable": 0,
					"bgcolor": [
						0.12,
						0.12,
						0.12,
						1.0
					],
					"textcolor": [
						0.85,
						0.85,
						0.85,
						1.0
					],
					"saved_attribute_attributes": {
						"bgcolor": {
							"expression": "themecolor.live_lcd_bg"
						},
						"textcolor": {
							"expression": "themecolor.live_lcd_control_fg"
						}
					},
					"annotation_name": "Daemon Port",
					"annotation": "The UDP port of msanii-bridge serve."
				}
			},
			{
				"box": {
					"id": "obj-8",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1290.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						46.0,
						60.0,
						78.0,
						15.0
					],
					"varname": "preset",
					"annotation_name": "Preset Menu",
					"annotation": "Sets every value, sound and part too; change them afterwards. Tempo, meter and key stay the set's.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Preset Menu",
							"parameter_shortname": "Preset",
							"parameter_annotation_name": "Preset Menu",
							"parameter_info": "Sets every value, sound and part too; change them afterwards. Tempo, meter and key stay the set's.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-9",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1500.0,
						230.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						128.0,
						60.0,
						118.0,
						15.0
					],
					"varname": "style",
					"annotation_name": "Style Menu",
					"annotation": "The groove that is composed, as in deep_house, or a family of grooves, as in funk or waltz.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Style Menu",
							"parameter_shortname": "Style",
							"parameter_annotation_name": "Style Menu",
							"parameter_info": "The groove that is composed, as in deep_house, or a family of grooves, as in funk or waltz.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-10",
					"maxclass": "live.numbox",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						214.0,
						78.0,
						32.0,
						15.0
					],
					"varname": "bars",
					"annotation_name": "Bars",
					"annotation": "Length in bars, exact to the sample; for inpaint, of the region, instead of to_seconds. For Inpaint, how many bars are renewed; for Outpaint, how many are new.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Bars",
							"parameter_shortname": "Bars",
							"parameter_annotation_name": "Bars",
							"parameter_info": "Length in bars, exact to the sample; for inpaint, of the region, instead of to_seconds. For Inpaint, how many bars are renewed; for Outpaint, how many are new.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								4.0
							],
							"parameter_mmin": 1.0,
							"parameter_mmax": 64.0,
							"parameter_type": 1,
							"parameter_modmode": 4,
							"parameter_unitstyle": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-11",
					"maxclass": "textedit",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						240.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"int",
						"",
						""
					],
					"text": "",
					"presentation": 1,
					"presentation_rect": [
						46.0,
						78.0,
						139.0,
						15.0
					],
					"varname": "chords",
					"keymode": 1,
					"outputmode": 1,
					"nosymquotes": 1,
					"lines": 1,
					"wordwrap": 0,
					"rounded": 0.0,
					"border": 0.0,
					"fontsize": 9.5,
					"parameter_enable": 0,
					"bgcolor": [
						0.12,
						0.12,
						0.12,
						1.0
					],
					"textcolor": [
						0.85,
						0.85,
						0.85,
						1.0
					],
					"saved_attribute_attributes": {
						"bgcolor": {
							"expression": "themecolor.live_lcd_bg"
						},
						"textcolor": {
							"expression": "themecolor.live_lcd_control_fg"
						}
					},
					"annotation_name": "Chords",
					"annotation": "One chord a bar, as in Am F C G, or with lengths in beats, as in Am:2 F:2. For Vary, Interpolate and Inpaint they count from the source's first bar; for Outpaint from the first new one."
				}
			},
			{
				"box": {
					"id": "obj-12",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						450.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						46.0,
						96.0,
						114.0,
						15.0
					],
					"varname": "progression",
					"annotation_name": "Progression Menu",
					"annotation": "Writes this progression in the set's key into the chords, where it can be edited.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Progression Menu",
							"parameter_shortname": "Progression",
							"parameter_annotation_name": "Progression Menu",
							"parameter_info": "Writes this progression in the set's key into the chords, where it can be edited.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-13",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						660.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "As heard",
					"presentation": 1,
					"presentation_rect": [
						164.0,
						96.0,
						46.0,
						15.0
					],
					"varname": "as_heard",
					"annotation_name": "As Heard Button",
					"annotation": "Writes the chords that were heard in an audio clip, with their key.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "As heard",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "As Heard Button",
							"parameter_shortname": "As heard",
							"parameter_annotation_name": "As Heard Button",
							"parameter_info": "Writes the chords that were heard in an audio clip, with their key.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-14",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Dice",
					"presentation": 1,
					"presentation_rect": [
						214.0,
						96.0,
						32.0,
						15.0
					],
					"varname": "dice",
					"annotation_name": "Dice Button",
					"annotation": "Throws a progression in the set's key.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Dice",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Dice Button",
							"parameter_shortname": "Dice",
							"parameter_annotation_name": "Dice Button",
							"parameter_info": "Throws a progression in the set's key.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-15",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1080.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						46.0,
						114.0,
						68.0,
						15.0
					],
					"varname": "clip_track",
					"annotation_name": "Clip Menu",
					"annotation": "Which MIDI clip is read: the one in detail view, or the one that a track plays.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Clip Menu",
							"parameter_shortname": "Clip",
							"parameter_annotation_name": "Clip Menu",
							"parameter_info": "Which MIDI clip is read: the one in detail view, or the one that a track plays.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-16",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Read",
					"presentation": 1,
					"presentation_rect": [
						118.0,
						114.0,
						28.0,
						15.0
					],
					"varname": "chords_from_clip",
					"annotation_name": "Chords From Clip Button",
					"annotation": "Reads the chords of that MIDI clip.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Read",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Chords From Clip Button",
							"parameter_shortname": "Read",
							"parameter_annotation_name": "Chords From Clip Button",
							"parameter_info": "Reads the chords of that MIDI clip.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-17",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1500.0,
						260.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Notes",
					"presentation": 1,
					"presentation_rect": [
						150.0,
						114.0,
						32.0,
						15.0
					],
					"varname": "use_notes",
					"annotation_name": "Use Notes",
					"annotation": "The takes play the clip's notes, not its chords alone.",
					"mode": 1,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Notes",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Use Notes",
							"parameter_shortname": "Notes",
							"parameter_annotation_name": "Use Notes",
							"parameter_info": "The takes play the clip's notes, not its chords alone.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-18",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Render clip",
					"presentation": 1,
					"presentation_rect": [
						186.0,
						114.0,
						60.0,
						15.0
					],
					"varname": "render_clip",
					"annotation_name": "Render Clip Button",
					"annotation": "Renders the take of that MIDI clip with its notes of now; other bars stay as they are.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Render clip",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Render Clip Button",
							"parameter_shortname": "Render clip",
							"parameter_annotation_name": "Render Clip Button",
							"parameter_info": "Renders the take of that MIDI clip with its notes of now; other bars stay as they are.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-19",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						240.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						46.0,
						132.0,
						76.0,
						15.0
					],
					"varname": "sound",
					"annotation_name": "Sound Menu",
					"annotation": "Instruments, as in grand piano or strings, choir, or taught, as in my juno:0.7.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Sound Menu",
							"parameter_shortname": "Sound",
							"parameter_annotation_name": "Sound Menu",
							"parameter_info": "Instruments, as in grand piano or strings, choir, or taught, as in my juno:0.7.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-20",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						450.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						126.0,
						132.0,
						56.0,
						15.0
					],
					"varname": "part",
					"annotation_name": "Part Menu",
					"annotation": "Role in an arrangement: keys, lead, pad, bass, drums or mix.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Part Menu",
							"parameter_shortname": "Part",
							"parameter_annotation_name": "Part Menu",
							"parameter_info": "Role in an arrangement: keys, lead, pad, bass, drums or mix.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-21",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						660.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Complete",
					"presentation": 1,
					"presentation_rect": [
						186.0,
						132.0,
						60.0,
						15.0
					],
					"varname": "complete",
					"annotation_name": "Complete Button",
					"annotation": "Writes that part to the clips that play, or else to those of the selected scene.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Complete",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Complete Button",
							"parameter_shortname": "Complete",
							"parameter_annotation_name": "Complete Button",
							"parameter_info": "Writes that part to the clips that play, or else to those of the selected scene.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-22",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Source",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						150.0,
						36.0,
						15.0
					],
					"varname": "source",
					"annotation_name": "Source Button",
					"annotation": "Takes the selected audio clip as heard: its loop, in the set's tempo.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Source",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Source Button",
							"parameter_shortname": "Source",
							"parameter_annotation_name": "Source Button",
							"parameter_info": "Takes the selected audio clip as heard: its loop, in the set's tempo.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-23",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1080.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Source B",
					"presentation": 1,
					"presentation_rect": [
						126.0,
						150.0,
						46.0,
						15.0
					],
					"varname": "source_b",
					"annotation_name": "Source B Button",
					"annotation": "Takes the selected audio clip as the second source.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Source B",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Source B Button",
							"parameter_shortname": "Source B",
							"parameter_annotation_name": "Source B Button",
							"parameter_info": "Takes the selected audio clip as the second source.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-24",
					"maxclass": "live.dial",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						254.0,
						60.0,
						46.0,
						48.0
					],
					"varname": "guidance",
					"annotation_name": "Guidance",
					"annotation": "Classifier-free guidance: how strongly chords and beat are followed (default: the model's); 1 is off, above 4 overshoots.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Guidance",
							"parameter_shortname": "Guidance",
							"parameter_annotation_name": "Guidance",
							"parameter_info": "Classifier-free guidance: how strongly chords and beat are followed (default: the model's); 1 is off, above 4 overshoots.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								3.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 10.0,
							"parameter_type": 0,
							"parameter_modmode": 2,
							"parameter_unitstyle": 1
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-25",
					"maxclass": "live.dial",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1500.0,
						290.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						300.0,
						60.0,
						46.0,
						48.0
					],
					"varname": "strength",
					"annotation_name": "Strength",
					"annotation": "Distance from the source, in even steps: small values stay close, 1 ignores it.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Strength",
							"parameter_shortname": "Strength",
							"parameter_annotation_name": "Strength",
							"parameter_info": "Distance from the source, in even steps: small values stay close, 1 ignores it.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.4
							],
							"parameter_mmin": 0.01,
							"parameter_mmax": 1.0,
							"parameter_type": 0,
							"parameter_modmode": 2,
							"parameter_unitstyle": 1
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-26",
					"maxclass": "live.dial",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						346.0,
						60.0,
						46.0,
						48.0
					],
					"varname": "ratio",
					"annotation_name": "Ratio",
					"annotation": "Mix of the two sources: 0 is all source, 1 is all source_b.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Ratio",
							"parameter_shortname": "Ratio",
							"parameter_annotation_name": "Ratio",
							"parameter_info": "Mix of the two sources: 0 is all source, 1 is all source_b.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.5
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1.0,
							"parameter_type": 0,
							"parameter_modmode": 2,
							"parameter_unitstyle": 1
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-27",
					"maxclass": "live.numbox",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						240.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						286.0,
						114.0,
						26.0,
						15.0
					],
					"varname": "count",
					"annotation_name": "Takes",
					"annotation": "Variations rendered together; their seeds are seed, seed + 1 and so on. A preset of several parts gives one take for each and one for their mix.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Takes",
							"parameter_shortname": "Takes",
							"parameter_annotation_name": "Takes",
							"parameter_info": "Variations rendered together; their seeds are seed, seed + 1 and so on. A preset of several parts gives one take for each and one for their mix.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								1.0
							],
							"parameter_mmin": 1.0,
							"parameter_mmax": 16.0,
							"parameter_type": 1,
							"parameter_modmode": 4,
							"parameter_unitstyle": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-28",
					"maxclass": "live.numbox",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						354.0,
						114.0,
						38.0,
						15.0
					],
					"varname": "steps",
					"annotation_name": "Steps",
					"annotation": "Denoising steps (default: the model's); more is slower and up to a point cleaner; models without context use `repaint` instead to inpaint and outpaint.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Steps",
							"parameter_shortname": "Steps",
							"parameter_annotation_name": "Steps",
							"parameter_info": "Denoising steps (default: the model's); more is slower and up to a point cleaner; models without context use `repaint` instead to inpaint and outpaint.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								16.0
							],
							"parameter_mmin": 1.0,
							"parameter_mmax": 200.0,
							"parameter_type": 1,
							"parameter_modmode": 4,
							"parameter_unitstyle": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-29",
					"maxclass": "textedit",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						660.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"int",
						"",
						""
					],
					"text": "",
					"presentation": 1,
					"presentation_rect": [
						286.0,
						132.0,
						64.0,
						15.0
					],
					"varname": "seed",
					"keymode": 1,
					"outputmode": 1,
					"nosymquotes": 1,
					"lines": 1,
					"wordwrap": 0,
					"rounded": 0.0,
					"border": 0.0,
					"fontsize": 9.5,
					"parameter_enable": 0,
					"bgcolor": [
						0.12,
						0.12,
						0.12,
						1.0
					],
					"textcolor": [
						0.85,
						0.85,
						0.85,
						1.0
					],
					"saved_attribute_attributes": {
						"bgcolor": {
							"expression": "themecolor.live_lcd_bg"
						},
						"textcolor": {
							"expression": "themecolor.live_lcd_control_fg"
						}
					},
					"annotation_name": "Seed",
					"annotation": "The first take's seed; the same seed gives the same take."
				}
			},
			{
				"box": {
					"id": "obj-30",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Lock",
					"presentation": 1,
					"presentation_rect": [
						354.0,
						132.0,
						38.0,
						15.0
					],
					"varname": "seed_lock",
					"annotation_name": "Seed Lock",
					"annotation": "On: this seed again. Off: a new seed every time, shown here.",
					"mode": 1,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Lock",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Seed Lock",
							"parameter_shortname": "Lock",
							"parameter_annotation_name": "Seed Lock",
							"parameter_info": "On: this seed again. Off: a new seed every time, shown here.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-31",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1080.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Loop",
					"presentation": 1,
					"presentation_rect": [
						254.0,
						150.0,
						28.0,
						15.0
					],
					"varname": "loop",
					"annotation_name": "Loop",
					"annotation": "The take's end meets its start; where the preset's end cannot, it is cut.",
					"mode": 1,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Loop",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Loop",
							"parameter_shortname": "Loop",
							"parameter_annotation_name": "Loop",
							"parameter_info": "The take's end meets its start; where the preset's end cannot, it is cut.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-32",
					"maxclass": "live.tab",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1290.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						286.0,
						150.0,
						64.0,
						15.0
					],
					"varname": "side",
					"annotation_name": "Side",
					"annotation": "Which side of the source gets new music.",
					"num_lines_patching": 1,
					"num_lines_presentation": 1,
					"livemode": 1,
					"mode": 1,
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Side",
							"parameter_shortname": "Side",
							"parameter_annotation_name": "Side",
							"parameter_info": "Which side of the source gets new music.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Before",
								"After"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-33",
					"maxclass": "live.numbox",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1500.0,
						320.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						354.0,
						150.0,
						38.0,
						15.0
					],
					"varname": "from_bar",
					"annotation_name": "From Bar",
					"annotation": "Inpaint renews the source from this bar on, as many bars as Bars says.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "From Bar",
							"parameter_shortname": "FromBar",
							"parameter_annotation_name": "From Bar",
							"parameter_info": "Inpaint renews the source from this bar on, as many bars as Bars says.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								1.0
							],
							"parameter_mmin": 1.0,
							"parameter_mmax": 256.0,
							"parameter_type": 1,
							"parameter_modmode": 4,
							"parameter_unitstyle": 9,
							"parameter_units": "bar %d"
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-34",
					"maxclass": "live.menu",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						30.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						400.0,
						60.0,
						106.0,
						15.0
					],
					"varname": "takes",
					"annotation_name": "Take Menu",
					"annotation": "The takes of this device; the chosen one is heard.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Take Menu",
							"parameter_shortname": "Take",
							"parameter_annotation_name": "Take Menu",
							"parameter_info": "The takes of this device; the chosen one is heard.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 0,
							"parameter_type": 2,
							"parameter_enum": [
								"-"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-35",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						240.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Prev",
					"presentation": 1,
					"presentation_rect": [
						400.0,
						78.0,
						33.0,
						15.0
					],
					"varname": "previous",
					"annotation_name": "Previous Button",
					"annotation": "Hears the take before.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Prev",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Previous Button",
							"parameter_shortname": "Prev",
							"parameter_annotation_name": "Previous Button",
							"parameter_info": "Hears the take before.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-36",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Next",
					"presentation": 1,
					"presentation_rect": [
						437.0,
						78.0,
						33.0,
						15.0
					],
					"varname": "next",
					"annotation_name": "Next Button",
					"annotation": "Hears the take after.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Next",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Next Button",
							"parameter_shortname": "Next",
							"parameter_annotation_name": "Next Button",
							"parameter_info": "Hears the take after.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-37",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						660.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Play",
					"presentation": 1,
					"presentation_rect": [
						474.0,
						78.0,
						33.0,
						15.0
					],
					"varname": "preview",
					"annotation_name": "Preview",
					"annotation": "Plays the take, looped and locked to Live's transport, as loud as its clip will be.",
					"mode": 1,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Play",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Preview",
							"parameter_shortname": "Play",
							"parameter_annotation_name": "Preview",
							"parameter_info": "Plays the take, looped and locked to Live's transport, as loud as its clip will be.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-38",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Star",
					"presentation": 1,
					"presentation_rect": [
						511.0,
						78.0,
						33.0,
						15.0
					],
					"varname": "star",
					"annotation_name": "Star",
					"annotation": "Marks the take as one to keep.",
					"mode": 1,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Star",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Star",
							"parameter_shortname": "Star",
							"parameter_annotation_name": "Star",
							"parameter_info": "Marks the take as one to keep.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-39",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1080.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Place",
					"presentation": 1,
					"presentation_rect": [
						400.0,
						132.0,
						33.0,
						15.0
					],
					"varname": "place",
					"annotation_name": "Place Button",
					"annotation": "Puts the chosen take into Live, as a clip.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Place",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Place Button",
							"parameter_shortname": "Place",
							"parameter_annotation_name": "Place Button",
							"parameter_info": "Puts the chosen take into Live, as a clip.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-40",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Place all",
					"presentation": 1,
					"presentation_rect": [
						437.0,
						132.0,
						45.0,
						15.0
					],
					"varname": "place_all",
					"annotation_name": "Place All Button",
					"annotation": "Puts every take of the last request into Session, one below the other.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Place all",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Place All Button",
							"parameter_shortname": "Place all",
							"parameter_annotation_name": "Place All Button",
							"parameter_info": "Puts every take of the last request into Session, one below the other.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-41",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						1500.0,
						350.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Place notes",
					"presentation": 1,
					"presentation_rect": [
						486.0,
						132.0,
						58.0,
						15.0
					],
					"varname": "place_notes",
					"annotation_name": "Place Notes Button",
					"annotation": "Puts the take's notes into a MIDI clip, in the next empty slot of the track that the Clip menu names, or else of the selected one.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Place notes",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Place Notes Button",
							"parameter_shortname": "Place notes",
							"parameter_annotation_name": "Place Notes Button",
							"parameter_info": "Puts the take's notes into a MIDI clip, in the next empty slot of the track that the Clip menu names, or else of the selected one.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-42",
					"maxclass": "live.tab",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						30.0,
						380.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						400.0,
						150.0,
						100.0,
						15.0
					],
					"varname": "place_in",
					"annotation_name": "Place In",
					"annotation": "Session: the next empty slot of this track, from the selected scene. Arrange: at the playhead, one take at a time.",
					"num_lines_patching": 1,
					"num_lines_presentation": 1,
					"livemode": 1,
					"mode": 1,
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Place In",
							"parameter_shortname": "PlaceIn",
							"parameter_annotation_name": "Place In",
							"parameter_info": "Session: the next empty slot of this track, from the selected scene. Arrange: at the playhead, one take at a time.",
							"parameter_invisible": 0,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Session",
								"Arrange"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-43",
					"maxclass": "live.text",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						240.0,
						380.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "Reveal",
					"presentation": 1,
					"presentation_rect": [
						504.0,
						150.0,
						40.0,
						15.0
					],
					"varname": "reveal",
					"annotation_name": "Reveal Button",
					"annotation": "Shows the take's file in its folder.",
					"mode": 0,
					"outputmode": 1,
					"automation": "Off",
					"automationon": "On",
					"texton": "Reveal",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Reveal Button",
							"parameter_shortname": "Reveal",
							"parameter_annotation_name": "Reveal Button",
							"parameter_info": "Shows the take's file in its folder.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 1,
							"parameter_type": 2,
							"parameter_enum": [
								"Off",
								"On"
							],
							"parameter_modmode": 0
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-44",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						450.0,
						380.0,
						190.0,
						22.0
					],
					"text": "Port",
					"presentation": 1,
					"presentation_rect": [
						334.0,
						38.0,
						22.0,
						16.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-45",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						660.0,
						380.0,
						190.0,
						22.0
					],
					"text": "",
					"presentation": 1,
					"presentation_rect": [
						438.0,
						38.0,
						106.0,
						16.0
					],
					"textjustification": 0,
					"annotation_name": "Follows",
					"annotation": "Tempo, meter and key of the next takes: the set's."
				}
			},
			{
				"box": {
					"id": "obj-46",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						870.0,
						380.0,
						190.0,
						22.0
					],
					"text": "Preset",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						60.0,
						38.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-47",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1080.0,
						380.0,
						190.0,
						22.0
					],
					"text": "Bars",
					"presentation": 1,
					"presentation_rect": [
						189.0,
						78.0,
						25.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-48",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1290.0,
						380.0,
						190.0,
						22.0
					],
					"text": "Chords",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						78.0,
						38.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-49",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1500.0,
						380.0,
						190.0,
						22.0
					],
					"text": "In key",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						96.0,
						38.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-50",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						410.0,
						190.0,
						22.0
					],
					"text": "Clip",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						114.0,
						38.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-51",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						240.0,
						410.0,
						190.0,
						22.0
					],
					"text": "Sound",
					"presentation": 1,
					"presentation_rect": [
						8.0,
						132.0,
						38.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-52",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						450.0,
						410.0,
						190.0,
						22.0
					],
					"text": "-",
					"presentation": 1,
					"presentation_rect": [
						46.0,
						150.0,
						78.0,
						15.0
					],
					"textjustification": 0,
					"annotation_name": "Source",
					"annotation": "The clip that was taken as source."
				}
			},
			{
				"box": {
					"id": "obj-53",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						660.0,
						410.0,
						190.0,
						22.0
					],
					"text": "-",
					"presentation": 1,
					"presentation_rect": [
						174.0,
						150.0,
						72.0,
						15.0
					],
					"textjustification": 0,
					"annotation_name": "Source b",
					"annotation": "The clip that was taken as second source."
				}
			},
			{
				"box": {
					"id": "obj-54",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						870.0,
						410.0,
						190.0,
						22.0
					],
					"text": "Takes",
					"presentation": 1,
					"presentation_rect": [
						254.0,
						114.0,
						32.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-55",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1080.0,
						410.0,
						190.0,
						22.0
					],
					"text": "Steps",
					"presentation": 1,
					"presentation_rect": [
						324.0,
						114.0,
						30.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-56",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1290.0,
						410.0,
						190.0,
						22.0
					],
					"text": "Seed",
					"presentation": 1,
					"presentation_rect": [
						254.0,
						132.0,
						32.0,
						15.0
					],
					"textjustification": 0
				}
			},
			{
				"box": {
					"id": "obj-57",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						1500.0,
						410.0,
						190.0,
						22.0
					],
					"text": "-",
					"presentation": 1,
					"presentation_rect": [
						506.0,
						60.0,
						38.0,
						15.0
					],
					"textjustification": 0,
					"annotation_name": "Take",
					"annotation": "Which take is heard."
				}
			},
			{
				"box": {
					"id": "obj-58",
					"maxclass": "newobj",
					"numinlets": 15,
					"numoutlets": 15,
					"patching_rect": [
						30.0,
						440.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route osc port daemon_port controls status progress menu set annotate enable store preview_gate preview_load preview_length"
				}
			},
			{
				"box": {
					"id": "obj-59",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						470.0,
						190.0,
						22.0
					],
					"text": "Live"
				}
			},
			{
				"box": {
					"id": "obj-60",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						30.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"int",
						"int"
					],
					"text": "live.thisdevice"
				}
			},
			{
				"box": {
					"id": "obj-61",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						240.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						"int",
						"float",
						"int",
						"int"
					],
					"text": "dspstate~"
				}
			},
			{
				"box": {
					"id": "obj-62",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-63",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend enabled"
				}
			},
			{
				"box": {
					"id": "obj-64",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend sample_rate"
				}
			},
			{
				"box": {
					"id": "obj-65",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						500.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-66",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						530.0,
						190.0,
						22.0
					],
					"text": "OSC"
				}
			},
			{
				"box": {
					"id": "obj-67",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						560.0,
						190.0,
						22.0
					],
					"text": "udpsend 127.0.0.1 9800"
				}
			},
			{
				"box": {
					"id": "obj-68",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "loadmess maxpacketsize 16384"
				}
			},
			{
				"box": {
					"id": "obj-69",
					"maxclass": "newobj",
					"numinlets": 18,
					"numoutlets": 18,
					"patching_rect": [
						450.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route generate vary interpolate inpaint outpaint complete edit cancel hello notify status sync preset/list preset/read style/list take/star listen"
				}
			},
			{
				"box": {
					"id": "obj-70",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/generate"
				}
			},
			{
				"box": {
					"id": "obj-71",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/vary"
				}
			},
			{
				"box": {
					"id": "obj-72",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/interpolate"
				}
			},
			{
				"box": {
					"id": "obj-73",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/inpaint"
				}
			},
			{
				"box": {
					"id": "obj-74",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						560.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/outpaint"
				}
			},
			{
				"box": {
					"id": "obj-75",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/complete"
				}
			},
			{
				"box": {
					"id": "obj-76",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/edit"
				}
			},
			{
				"box": {
					"id": "obj-77",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/cancel"
				}
			},
			{
				"box": {
					"id": "obj-78",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/hello"
				}
			},
			{
				"box": {
					"id": "obj-79",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/notify"
				}
			},
			{
				"box": {
					"id": "obj-80",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/status"
				}
			},
			{
				"box": {
					"id": "obj-81",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/sync"
				}
			},
			{
				"box": {
					"id": "obj-82",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						590.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/preset/list"
				}
			},
			{
				"box": {
					"id": "obj-83",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/preset/read"
				}
			},
			{
				"box": {
					"id": "obj-84",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/style/list"
				}
			},
			{
				"box": {
					"id": "obj-85",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/take/star"
				}
			},
			{
				"box": {
					"id": "obj-86",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend /msanii/listen"
				}
			},
			{
				"box": {
					"id": "obj-87",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend port"
				}
			},
			{
				"box": {
					"id": "obj-88",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "udpreceive 9810 @defer 1 @quiet 1"
				}
			},
			{
				"box": {
					"id": "obj-89",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend port"
				}
			},
			{
				"box": {
					"id": "obj-90",
					"maxclass": "newobj",
					"numinlets": 15,
					"numoutlets": 15,
					"patching_rect": [
						1500.0,
						620.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route /msanii/queued /msanii/progress /msanii/take /msanii/done /msanii/fail /msanii/welcome /msanii/synced /msanii/notify.reply /msanii/status.reply /msanii/preset/list.reply /msanii/preset/read.reply /msanii/style/list.reply /msanii/take/star.reply /msanii/heard"
				}
			},
			{
				"box": {
					"id": "obj-91",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc queued"
				}
			},
			{
				"box": {
					"id": "obj-92",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc progress"
				}
			},
			{
				"box": {
					"id": "obj-93",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc take"
				}
			},
			{
				"box": {
					"id": "obj-94",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc done"
				}
			},
			{
				"box": {
					"id": "obj-95",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc fail"
				}
			},
			{
				"box": {
					"id": "obj-96",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc welcome"
				}
			},
			{
				"box": {
					"id": "obj-97",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc synced"
				}
			},
			{
				"box": {
					"id": "obj-98",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						650.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc notify.reply"
				}
			},
			{
				"box": {
					"id": "obj-99",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc status.reply"
				}
			},
			{
				"box": {
					"id": "obj-100",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc preset/list.reply"
				}
			},
			{
				"box": {
					"id": "obj-101",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc preset/read.reply"
				}
			},
			{
				"box": {
					"id": "obj-102",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc style/list.reply"
				}
			},
			{
				"box": {
					"id": "obj-103",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc take/star.reply"
				}
			},
			{
				"box": {
					"id": "obj-104",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						680.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend osc heard"
				}
			},
			{
				"box": {
					"id": "obj-105",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						710.0,
						190.0,
						22.0
					],
					"text": "Controls to the script"
				}
			},
			{
				"box": {
					"id": "obj-106",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "outputvalue"
				}
			},
			{
				"box": {
					"id": "obj-107",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						240.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						"bang",
						"bang"
					],
					"text": "t b b b b"
				}
			},
			{
				"box": {
					"id": "obj-108",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press generate"
				}
			},
			{
				"box": {
					"id": "obj-109",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-110",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press cancel"
				}
			},
			{
				"box": {
					"id": "obj-111",
					"maxclass": "newobj",
					"numinlets": 6,
					"numoutlets": 6,
					"patching_rect": [
						1080.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						"bang",
						"bang",
						"bang",
						""
					],
					"text": "sel 0 1 2 3 4"
				}
			},
			{
				"box": {
					"id": "obj-112",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control verb generate"
				}
			},
			{
				"box": {
					"id": "obj-113",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						740.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control verb vary"
				}
			},
			{
				"box": {
					"id": "obj-114",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control verb interpolate"
				}
			},
			{
				"box": {
					"id": "obj-115",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control verb inpaint"
				}
			},
			{
				"box": {
					"id": "obj-116",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control verb outpaint"
				}
			},
			{
				"box": {
					"id": "obj-117",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-118",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press hear_clip"
				}
			},
			{
				"box": {
					"id": "obj-119",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						1080.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route text"
				}
			},
			{
				"box": {
					"id": "obj-120",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control daemon_port"
				}
			},
			{
				"box": {
					"id": "obj-121",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						770.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control preset"
				}
			},
			{
				"box": {
					"id": "obj-122",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control style"
				}
			},
			{
				"box": {
					"id": "obj-123",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control bars"
				}
			},
			{
				"box": {
					"id": "obj-124",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route text"
				}
			},
			{
				"box": {
					"id": "obj-125",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control chords"
				}
			},
			{
				"box": {
					"id": "obj-126",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control progression"
				}
			},
			{
				"box": {
					"id": "obj-127",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-128",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press as_heard"
				}
			},
			{
				"box": {
					"id": "obj-129",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						800.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-130",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press dice"
				}
			},
			{
				"box": {
					"id": "obj-131",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control clip_track"
				}
			},
			{
				"box": {
					"id": "obj-132",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-133",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press chords_from_clip"
				}
			},
			{
				"box": {
					"id": "obj-134",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control use_notes"
				}
			},
			{
				"box": {
					"id": "obj-135",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-136",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press render_clip"
				}
			},
			{
				"box": {
					"id": "obj-137",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						830.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control sound"
				}
			},
			{
				"box": {
					"id": "obj-138",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control part"
				}
			},
			{
				"box": {
					"id": "obj-139",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 4,
					"patching_rect": [
						240.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						"bang",
						"bang"
					],
					"text": "t b b b b"
				}
			},
			{
				"box": {
					"id": "obj-140",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press complete"
				}
			},
			{
				"box": {
					"id": "obj-141",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-142",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press source"
				}
			},
			{
				"box": {
					"id": "obj-143",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-144",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press source_b"
				}
			},
			{
				"box": {
					"id": "obj-145",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						860.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control guidance"
				}
			},
			{
				"box": {
					"id": "obj-146",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control strength"
				}
			},
			{
				"box": {
					"id": "obj-147",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control ratio"
				}
			},
			{
				"box": {
					"id": "obj-148",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control count"
				}
			},
			{
				"box": {
					"id": "obj-149",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control steps"
				}
			},
			{
				"box": {
					"id": "obj-150",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route text"
				}
			},
			{
				"box": {
					"id": "obj-151",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control seed"
				}
			},
			{
				"box": {
					"id": "obj-152",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control seed_lock"
				}
			},
			{
				"box": {
					"id": "obj-153",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						890.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control loop"
				}
			},
			{
				"box": {
					"id": "obj-154",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 3,
					"patching_rect": [
						30.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						""
					],
					"text": "sel 0 1"
				}
			},
			{
				"box": {
					"id": "obj-155",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control side before"
				}
			},
			{
				"box": {
					"id": "obj-156",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control side after"
				}
			},
			{
				"box": {
					"id": "obj-157",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control from_bar"
				}
			},
			{
				"box": {
					"id": "obj-158",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control takes"
				}
			},
			{
				"box": {
					"id": "obj-159",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-160",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press previous"
				}
			},
			{
				"box": {
					"id": "obj-161",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						920.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-162",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press next"
				}
			},
			{
				"box": {
					"id": "obj-163",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control preview"
				}
			},
			{
				"box": {
					"id": "obj-164",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend control star"
				}
			},
			{
				"box": {
					"id": "obj-165",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-166",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press place"
				}
			},
			{
				"box": {
					"id": "obj-167",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-168",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press place_all"
				}
			},
			{
				"box": {
					"id": "obj-169",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						950.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-170",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press place_notes"
				}
			},
			{
				"box": {
					"id": "obj-171",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 3,
					"patching_rect": [
						240.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						""
					],
					"text": "sel 0 1"
				}
			},
			{
				"box": {
					"id": "obj-172",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control place_in session"
				}
			},
			{
				"box": {
					"id": "obj-173",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "control place_in arrangement"
				}
			},
			{
				"box": {
					"id": "obj-174",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-175",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "press reveal"
				}
			},
			{
				"box": {
					"id": "obj-176",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "deferlow"
				}
			},
			{
				"box": {
					"id": "obj-177",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						980.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==0)||($i1==3)||($i1==4)"
				}
			},
			{
				"box": {
					"id": "obj-178",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-179",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==0)||($i1==3)||($i1==4)"
				}
			},
			{
				"box": {
					"id": "obj-180",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-181",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==1)||($i1==2)||($i1==3)||($i1==4)"
				}
			},
			{
				"box": {
					"id": "obj-182",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-183",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==2)"
				}
			},
			{
				"box": {
					"id": "obj-184",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-185",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1010.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==1)||($i1==2)"
				}
			},
			{
				"box": {
					"id": "obj-186",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-187",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==2)"
				}
			},
			{
				"box": {
					"id": "obj-188",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-189",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==0)||($i1==1)"
				}
			},
			{
				"box": {
					"id": "obj-190",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-191",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==4)"
				}
			},
			{
				"box": {
					"id": "obj-192",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-193",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1040.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr ($i1==3)"
				}
			},
			{
				"box": {
					"id": "obj-194",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1070.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-195",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						1100.0,
						190.0,
						22.0
					],
					"text": "The script to the face"
				}
			},
			{
				"box": {
					"id": "obj-196",
					"maxclass": "panel",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						1130.0,
						190.0,
						22.0
					],
					"presentation": 1,
					"presentation_rect": [
						8.0,
						5.0,
						10.0,
						10.0
					],
					"mode": 0,
					"rounded": 10,
					"border": 0,
					"bgfillcolor": [
						0.5,
						0.5,
						0.5,
						1.0
					],
					"annotation_name": "Status",
					"annotation": "Green: ready. Yellow: rendering. Orange: read this. Red: something is wrong."
				}
			},
			{
				"box": {
					"id": "obj-197",
					"maxclass": "live.comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						240.0,
						1130.0,
						190.0,
						22.0
					],
					"text": "Script missing: put MsaniiLive.js beside Msanii.amxd, or run msanii-bridge install-device.",
					"presentation": 1,
					"presentation_rect": [
						22.0,
						2.0,
						370.0,
						35.0
					],
					"textjustification": 0,
					"fontsize": 9.0,
					"annotation_name": "Status",
					"annotation": "What the bridge says; the whole sentence, where it is long."
				}
			},
			{
				"box": {
					"id": "obj-198",
					"maxclass": "live.numbox",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"float"
					],
					"presentation": 1,
					"presentation_rect": [
						400.0,
						38.0,
						34.0,
						16.0
					],
					"varname": "progress",
					"appearance": 2,
					"ignoreclick": 1,
					"annotation_name": "Progress",
					"annotation": "How far this device's render has come.",
					"parameter_enable": 1,
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Progress",
							"parameter_shortname": "Progress",
							"parameter_annotation_name": "Progress",
							"parameter_info": "How far this device's render has come.",
							"parameter_invisible": 2,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								0.0
							],
							"parameter_mmin": 0.0,
							"parameter_mmax": 100.0,
							"parameter_type": 0,
							"parameter_modmode": 2,
							"parameter_unitstyle": 5
						}
					}
				}
			},
			{
				"box": {
					"id": "obj-199",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						660.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						"int",
						""
					],
					"text": "unpack 0 s"
				}
			},
			{
				"box": {
					"id": "obj-200",
					"maxclass": "newobj",
					"numinlets": 6,
					"numoutlets": 6,
					"patching_rect": [
						870.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						"bang",
						"bang",
						"bang",
						""
					],
					"text": "sel 0 1 2 3 4"
				}
			},
			{
				"box": {
					"id": "obj-201",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "bgfillcolor 0.5 0.5 0.5 1."
				}
			},
			{
				"box": {
					"id": "obj-202",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "bgfillcolor 0.9 0.2 0.2 1."
				}
			},
			{
				"box": {
					"id": "obj-203",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1130.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "bgfillcolor 0.3 0.8 0.35 1."
				}
			},
			{
				"box": {
					"id": "obj-204",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "bgfillcolor 0.95 0.8 0.2 1."
				}
			},
			{
				"box": {
					"id": "obj-205",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "bgfillcolor 0.95 0.55 0.15 1."
				}
			},
			{
				"box": {
					"id": "obj-206",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-207",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend annotation"
				}
			},
			{
				"box": {
					"id": "obj-208",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						"float"
					],
					"text": "* 100."
				}
			},
			{
				"box": {
					"id": "obj-209",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-210",
					"maxclass": "newobj",
					"numinlets": 8,
					"numoutlets": 8,
					"patching_rect": [
						1290.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route preset style progression clip_track sound part takes"
				}
			},
			{
				"box": {
					"id": "obj-211",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1160.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-212",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-213",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-214",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-215",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-216",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-217",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend _parameter_range"
				}
			},
			{
				"box": {
					"id": "obj-218",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 3,
					"patching_rect": [
						1290.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "route takes as_heard"
				}
			},
			{
				"box": {
					"id": "obj-219",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1190.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend annotation"
				}
			},
			{
				"box": {
					"id": "obj-220",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend annotation"
				}
			},
			{
				"box": {
					"id": "obj-221",
					"maxclass": "newobj",
					"numinlets": 30,
					"numoutlets": 30,
					"patching_rect": [
						240.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route verb daemon_port preset style bars chords progression clip_track use_notes sound part guidance strength ratio count steps seed seed_lock loop side from_bar takes preview star place_in follows source source_b take"
				}
			},
			{
				"box": {
					"id": "obj-222",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-223",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-224",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-225",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-226",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-227",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1220.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-228",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-229",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-230",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-231",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-232",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-233",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-234",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-235",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1250.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-236",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-237",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-238",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-239",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-240",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-241",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-242",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-243",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1280.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-244",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-245",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-246",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-247",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-248",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-249",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-250",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend set"
				}
			},
			{
				"box": {
					"id": "obj-251",
					"maxclass": "newobj",
					"numinlets": 30,
					"numoutlets": 30,
					"patching_rect": [
						1500.0,
						1310.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route generate cancel verb hear_clip preset progression as_heard dice clip_track chords_from_clip use_notes render_clip sound part complete guidance count steps seed_lock takes previous next preview star place place_all place_notes place_in reveal"
				}
			},
			{
				"box": {
					"id": "obj-252",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-253",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-254",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-255",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-256",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-257",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-258",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-259",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1340.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-260",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-261",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-262",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-263",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-264",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-265",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-266",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-267",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1370.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-268",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-269",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-270",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-271",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-272",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-273",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-274",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-275",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1400.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-276",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1430.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-277",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1430.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-278",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1430.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-279",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1430.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-280",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1430.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend active"
				}
			},
			{
				"box": {
					"id": "obj-281",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						1460.0,
						190.0,
						22.0
					],
					"text": "Texts kept in the set"
				}
			},
			{
				"box": {
					"id": "obj-282",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-283",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						240.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_preset",
					"varname": "stored_preset",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Preset Text",
							"parameter_shortname": "Preset Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Preset Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-284",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						450.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_chords",
					"varname": "stored_chords",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Chords Text",
							"parameter_shortname": "Chords Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Chords Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-285",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						660.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_seed",
					"varname": "stored_seed",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Seed Text",
							"parameter_shortname": "Seed Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Seed Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-286",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						870.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_sound",
					"varname": "stored_sound",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Sound Text",
							"parameter_shortname": "Sound Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Sound Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-287",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1080.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_part",
					"varname": "stored_part",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Part Text",
							"parameter_shortname": "Part Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Part Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-288",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1290.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_style",
					"varname": "stored_style",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Style Text",
							"parameter_shortname": "Style Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Style Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-289",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1500.0,
						1490.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_progression",
					"varname": "stored_progression",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Progression Text",
							"parameter_shortname": "Progression Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Progression Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-290",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						30.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_clip_track",
					"varname": "stored_clip_track",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Clip Track Text",
							"parameter_shortname": "Clip Track Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Clip Track Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-291",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						240.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_source",
					"varname": "stored_source",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Source Text",
							"parameter_shortname": "Source Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Source Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-292",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						450.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_source_b",
					"varname": "stored_source_b",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Source B Text",
							"parameter_shortname": "Source B Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Source B Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-293",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						660.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_takes",
					"varname": "stored_takes",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Takes Text",
							"parameter_shortname": "Takes Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Takes Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-294",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						870.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_port",
					"varname": "stored_port",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Port Text",
							"parameter_shortname": "Port Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Port Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-295",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1080.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "pattr stored_daemon_port",
					"varname": "stored_daemon_port",
					"saved_attribute_attributes": {
						"valueof": {
							"parameter_longname": "Daemon Port Text",
							"parameter_shortname": "Daemon Port Text",
							"parameter_type": 3,
							"parameter_invisible": 1,
							"parameter_initial_enable": 1,
							"parameter_initial": [
								"v",
								"-"
							],
							"parameter_modmode": 0
						}
					},
					"saved_object_attributes": {
						"initial": [
							"v",
							"-"
						],
						"parameter_enable": 1,
						"parameter_mappable": 0
					},
					"annotation_name": "Daemon Port Text",
					"annotation": "A text that the set keeps for this device."
				}
			},
			{
				"box": {
					"id": "obj-296",
					"maxclass": "newobj",
					"numinlets": 14,
					"numoutlets": 14,
					"patching_rect": [
						1290.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						"",
						""
					],
					"text": "route preset chords seed sound part style progression clip_track source source_b takes port daemon_port"
				}
			},
			{
				"box": {
					"id": "obj-297",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1520.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-298",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-299",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-300",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-301",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-302",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-303",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-304",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-305",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1550.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-306",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-307",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend assign v"
				}
			},
			{
				"box": {
					"id": "obj-308",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend assign v"
				}
			},
			{
				"box": {
					"id": "obj-309",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend v"
				}
			},
			{
				"box": {
					"id": "obj-310",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-311",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored preset"
				}
			},
			{
				"box": {
					"id": "obj-312",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-313",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1580.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored chords"
				}
			},
			{
				"box": {
					"id": "obj-314",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-315",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored seed"
				}
			},
			{
				"box": {
					"id": "obj-316",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-317",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored sound"
				}
			},
			{
				"box": {
					"id": "obj-318",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-319",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored part"
				}
			},
			{
				"box": {
					"id": "obj-320",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-321",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1610.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored style"
				}
			},
			{
				"box": {
					"id": "obj-322",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-323",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored progression"
				}
			},
			{
				"box": {
					"id": "obj-324",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-325",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored clip_track"
				}
			},
			{
				"box": {
					"id": "obj-326",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-327",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored source"
				}
			},
			{
				"box": {
					"id": "obj-328",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						1290.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-329",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1640.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored source_b"
				}
			},
			{
				"box": {
					"id": "obj-330",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-331",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored takes"
				}
			},
			{
				"box": {
					"id": "obj-332",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-333",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored port"
				}
			},
			{
				"box": {
					"id": "obj-334",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						870.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						""
					],
					"text": "route v"
				}
			},
			{
				"box": {
					"id": "obj-335",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1670.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend stored daemon_port"
				}
			},
			{
				"box": {
					"id": "obj-336",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						1700.0,
						190.0,
						22.0
					],
					"text": "Preview and pass-through"
				}
			},
			{
				"box": {
					"id": "obj-337",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						"float",
						"bang"
					],
					"text": "buffer~ ---msanii_preview"
				}
			},
			{
				"box": {
					"id": "obj-338",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend replace"
				}
			},
			{
				"box": {
					"id": "obj-339",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "preview_loaded"
				}
			},
			{
				"box": {
					"id": "obj-340",
					"maxclass": "waveform~",
					"numinlets": 5,
					"numoutlets": 6,
					"patching_rect": [
						660.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						"float",
						"float",
						"float",
						"float",
						"list",
						""
					],
					"presentation": 1,
					"presentation_rect": [
						400.0,
						96.0,
						144.0,
						33.0
					],
					"buffername": "---msanii_preview",
					"setmode": 0,
					"labels": 0,
					"norulerclick": 1,
					"ticks": 0,
					"vticks": 0,
					"allowdrag": 0,
					"ignoreclick": 1,
					"grid": 0.0,
					"bgcolor": [
						0.12,
						0.12,
						0.12,
						1.0
					],
					"waveformcolor": [
						0.45,
						0.75,
						0.85,
						1.0
					],
					"saved_attribute_attributes": {
						"bgcolor": {
							"expression": "themecolor.live_lcd_bg"
						},
						"waveformcolor": {
							"expression": "themecolor.live_lcd_control_fg"
						}
					},
					"annotation_name": "Take",
					"annotation": "The take that is heard."
				}
			},
			{
				"box": {
					"id": "obj-341",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "loadbang"
				}
			},
			{
				"box": {
					"id": "obj-342",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "set ---msanii_preview"
				}
			},
			{
				"box": {
					"id": "obj-343",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 3,
					"patching_rect": [
						1290.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal",
						"signal",
						"bang"
					],
					"text": "play~ ---msanii_preview 2"
				}
			},
			{
				"box": {
					"id": "obj-344",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 9,
					"patching_rect": [
						1500.0,
						1730.0,
						190.0,
						22.0
					],
					"outlettype": [
						"int",
						"int",
						"int",
						"float",
						"list",
						"float",
						"float",
						"int",
						"int"
					],
					"text": "plugsync~"
				}
			},
			{
				"box": {
					"id": "obj-345",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal",
						"list"
					],
					"text": "plugphasor~"
				}
			},
			{
				"box": {
					"id": "obj-346",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "-~"
				}
			},
			{
				"box": {
					"id": "obj-347",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "round~ 1."
				}
			},
			{
				"box": {
					"id": "obj-348",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "+~"
				}
			},
			{
				"box": {
					"id": "obj-349",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "sig~"
				}
			},
			{
				"box": {
					"id": "obj-350",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "%~ 16."
				}
			},
			{
				"box": {
					"id": "obj-351",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "*~ 500."
				}
			},
			{
				"box": {
					"id": "obj-352",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1760.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "phasor~ 0.125"
				}
			},
			{
				"box": {
					"id": "obj-353",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "*~ 8000."
				}
			},
			{
				"box": {
					"id": "obj-354",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						240.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"float",
						"float"
					],
					"text": "unpack 0. 0."
				}
			},
			{
				"box": {
					"id": "obj-355",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						450.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "expr $f2/$f1"
				}
			},
			{
				"box": {
					"id": "obj-356",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						660.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"float"
					],
					"text": "!/ 1000."
				}
			},
			{
				"box": {
					"id": "obj-357",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "0."
				}
			},
			{
				"box": {
					"id": "obj-358",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang"
					],
					"text": "t b"
				}
			},
			{
				"box": {
					"id": "obj-359",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "selector~ 2 1"
				}
			},
			{
				"box": {
					"id": "obj-360",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1790.0,
						190.0,
						22.0
					],
					"outlettype": [
						"int"
					],
					"text": "+ 1"
				}
			},
			{
				"box": {
					"id": "obj-361",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						30.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal",
						"bang"
					],
					"text": "line~ 0."
				}
			},
			{
				"box": {
					"id": "obj-362",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						240.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "$1 20"
				}
			},
			{
				"box": {
					"id": "obj-363",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal",
						"signal"
					],
					"text": "plugin~"
				}
			},
			{
				"box": {
					"id": "obj-364",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 2,
					"patching_rect": [
						660.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal",
						"signal"
					],
					"text": "plugout~"
				}
			},
			{
				"box": {
					"id": "obj-365",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "*~ 0."
				}
			},
			{
				"box": {
					"id": "obj-366",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "+~"
				}
			},
			{
				"box": {
					"id": "obj-367",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "*~ 0."
				}
			},
			{
				"box": {
					"id": "obj-368",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1820.0,
						190.0,
						22.0
					],
					"outlettype": [
						"signal"
					],
					"text": "+~"
				}
			},
			{
				"box": {
					"id": "obj-369",
					"maxclass": "comment",
					"numinlets": 1,
					"numoutlets": 0,
					"patching_rect": [
						30.0,
						1850.0,
						190.0,
						22.0
					],
					"text": "Look while the device is off"
				}
			},
			{
				"box": {
					"id": "obj-370",
					"maxclass": "newobj",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						30.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						"int"
					],
					"text": "int 1"
				}
			},
			{
				"box": {
					"id": "obj-371",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 3,
					"patching_rect": [
						240.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						"bang",
						"bang",
						""
					],
					"text": "sel 0 1"
				}
			},
			{
				"box": {
					"id": "obj-372",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 2,
					"patching_rect": [
						450.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"bang"
					],
					"text": "live.colors"
				}
			},
			{
				"box": {
					"id": "obj-373",
					"maxclass": "newobj",
					"numinlets": 3,
					"numoutlets": 3,
					"patching_rect": [
						660.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						"",
						"",
						""
					],
					"text": "route lcd_control_fg_zombie lcd_control_fg"
				}
			},
			{
				"box": {
					"id": "obj-374",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						870.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "lcd_control_fg_zombie"
				}
			},
			{
				"box": {
					"id": "obj-375",
					"maxclass": "message",
					"numinlets": 2,
					"numoutlets": 1,
					"patching_rect": [
						1080.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "lcd_control_fg"
				}
			},
			{
				"box": {
					"id": "obj-376",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1290.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend textcolor"
				}
			},
			{
				"box": {
					"id": "obj-377",
					"maxclass": "newobj",
					"numinlets": 1,
					"numoutlets": 1,
					"patching_rect": [
						1500.0,
						1880.0,
						190.0,
						22.0
					],
					"outlettype": [
						""
					],
					"text": "prepend waveformcolor"
				}
			}
		],
		"lines": [
			{
				"patchline": {
					"source": [
						"obj-2",
						0
					],
					"destination": [
						"obj-58",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-60",
						0
					],
					"destination": [
						"obj-62",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-62",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-60",
						1
					],
					"destination": [
						"obj-63",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-63",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-61",
						1
					],
					"destination": [
						"obj-64",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-64",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						3
					],
					"destination": [
						"obj-65",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-65",
						0
					],
					"destination": [
						"obj-61",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-68",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						0
					],
					"destination": [
						"obj-69",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						0
					],
					"destination": [
						"obj-70",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-70",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						1
					],
					"destination": [
						"obj-71",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-71",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						2
					],
					"destination": [
						"obj-72",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-72",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						3
					],
					"destination": [
						"obj-73",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-73",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						4
					],
					"destination": [
						"obj-74",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-74",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						5
					],
					"destination": [
						"obj-75",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-75",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						6
					],
					"destination": [
						"obj-76",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-76",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						7
					],
					"destination": [
						"obj-77",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-77",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						8
					],
					"destination": [
						"obj-78",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-78",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						9
					],
					"destination": [
						"obj-79",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-79",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						10
					],
					"destination": [
						"obj-80",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-80",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						11
					],
					"destination": [
						"obj-81",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-81",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						12
					],
					"destination": [
						"obj-82",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-82",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						13
					],
					"destination": [
						"obj-83",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-83",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						14
					],
					"destination": [
						"obj-84",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-84",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						15
					],
					"destination": [
						"obj-85",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-85",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-69",
						16
					],
					"destination": [
						"obj-86",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-86",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						2
					],
					"destination": [
						"obj-87",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-87",
						0
					],
					"destination": [
						"obj-67",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						1
					],
					"destination": [
						"obj-89",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-89",
						0
					],
					"destination": [
						"obj-88",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-88",
						0
					],
					"destination": [
						"obj-90",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						0
					],
					"destination": [
						"obj-91",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-91",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						1
					],
					"destination": [
						"obj-92",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-92",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						2
					],
					"destination": [
						"obj-93",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-93",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						3
					],
					"destination": [
						"obj-94",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-94",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						4
					],
					"destination": [
						"obj-95",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-95",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						5
					],
					"destination": [
						"obj-96",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-96",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						6
					],
					"destination": [
						"obj-97",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-97",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						7
					],
					"destination": [
						"obj-98",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-98",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						8
					],
					"destination": [
						"obj-99",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-99",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						9
					],
					"destination": [
						"obj-100",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-100",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						10
					],
					"destination": [
						"obj-101",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-101",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						11
					],
					"destination": [
						"obj-102",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-102",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						12
					],
					"destination": [
						"obj-103",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-103",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-90",
						13
					],
					"destination": [
						"obj-104",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-104",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						3
					],
					"destination": [
						"obj-106",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-3",
						0
					],
					"destination": [
						"obj-107",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-107",
						1
					],
					"destination": [
						"obj-7",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-107",
						2
					],
					"destination": [
						"obj-11",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-107",
						3
					],
					"destination": [
						"obj-29",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-107",
						0
					],
					"destination": [
						"obj-108",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-108",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-4",
						0
					],
					"destination": [
						"obj-109",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-109",
						0
					],
					"destination": [
						"obj-110",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-110",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-5",
						0
					],
					"destination": [
						"obj-111",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-111",
						0
					],
					"destination": [
						"obj-112",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-112",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-111",
						1
					],
					"destination": [
						"obj-113",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-113",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-111",
						2
					],
					"destination": [
						"obj-114",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-114",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-111",
						3
					],
					"destination": [
						"obj-115",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-115",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-111",
						4
					],
					"destination": [
						"obj-116",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-116",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-5",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-6",
						0
					],
					"destination": [
						"obj-117",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-117",
						0
					],
					"destination": [
						"obj-118",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-118",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-7",
						0
					],
					"destination": [
						"obj-119",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-119",
						0
					],
					"destination": [
						"obj-120",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-120",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-8",
						0
					],
					"destination": [
						"obj-121",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-121",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-9",
						0
					],
					"destination": [
						"obj-122",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-122",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-10",
						0
					],
					"destination": [
						"obj-123",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-123",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-10",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-11",
						0
					],
					"destination": [
						"obj-124",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-124",
						0
					],
					"destination": [
						"obj-125",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-125",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-12",
						0
					],
					"destination": [
						"obj-126",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-126",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-13",
						0
					],
					"destination": [
						"obj-127",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-127",
						0
					],
					"destination": [
						"obj-128",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-128",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-14",
						0
					],
					"destination": [
						"obj-129",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-129",
						0
					],
					"destination": [
						"obj-130",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-130",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-15",
						0
					],
					"destination": [
						"obj-131",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-131",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-16",
						0
					],
					"destination": [
						"obj-132",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-132",
						0
					],
					"destination": [
						"obj-133",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-133",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-17",
						0
					],
					"destination": [
						"obj-134",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-134",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-17",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-18",
						0
					],
					"destination": [
						"obj-135",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-135",
						0
					],
					"destination": [
						"obj-136",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-136",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-19",
						0
					],
					"destination": [
						"obj-137",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-137",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-20",
						0
					],
					"destination": [
						"obj-138",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-138",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-21",
						0
					],
					"destination": [
						"obj-139",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-139",
						1
					],
					"destination": [
						"obj-7",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-139",
						2
					],
					"destination": [
						"obj-11",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-139",
						3
					],
					"destination": [
						"obj-29",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-139",
						0
					],
					"destination": [
						"obj-140",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-140",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-22",
						0
					],
					"destination": [
						"obj-141",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-141",
						0
					],
					"destination": [
						"obj-142",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-142",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-23",
						0
					],
					"destination": [
						"obj-143",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-143",
						0
					],
					"destination": [
						"obj-144",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-144",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-24",
						0
					],
					"destination": [
						"obj-145",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-145",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-24",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-25",
						0
					],
					"destination": [
						"obj-146",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-146",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-25",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-26",
						0
					],
					"destination": [
						"obj-147",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-147",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-26",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-27",
						0
					],
					"destination": [
						"obj-148",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-148",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-27",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-28",
						0
					],
					"destination": [
						"obj-149",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-149",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-28",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-29",
						0
					],
					"destination": [
						"obj-150",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-150",
						0
					],
					"destination": [
						"obj-151",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-151",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-30",
						0
					],
					"destination": [
						"obj-152",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-152",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-30",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-31",
						0
					],
					"destination": [
						"obj-153",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-153",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-31",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-32",
						0
					],
					"destination": [
						"obj-154",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-154",
						0
					],
					"destination": [
						"obj-155",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-155",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-154",
						1
					],
					"destination": [
						"obj-156",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-156",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-32",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-33",
						0
					],
					"destination": [
						"obj-157",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-157",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-33",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-34",
						0
					],
					"destination": [
						"obj-158",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-158",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-35",
						0
					],
					"destination": [
						"obj-159",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-159",
						0
					],
					"destination": [
						"obj-160",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-160",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-36",
						0
					],
					"destination": [
						"obj-161",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-161",
						0
					],
					"destination": [
						"obj-162",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-162",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-37",
						0
					],
					"destination": [
						"obj-163",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-163",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-38",
						0
					],
					"destination": [
						"obj-164",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-164",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-39",
						0
					],
					"destination": [
						"obj-165",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-165",
						0
					],
					"destination": [
						"obj-166",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-166",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-40",
						0
					],
					"destination": [
						"obj-167",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-167",
						0
					],
					"destination": [
						"obj-168",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-168",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-41",
						0
					],
					"destination": [
						"obj-169",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-169",
						0
					],
					"destination": [
						"obj-170",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-170",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-42",
						0
					],
					"destination": [
						"obj-171",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-171",
						0
					],
					"destination": [
						"obj-172",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-172",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-171",
						1
					],
					"destination": [
						"obj-173",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-173",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-106",
						0
					],
					"destination": [
						"obj-42",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-43",
						0
					],
					"destination": [
						"obj-174",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-174",
						0
					],
					"destination": [
						"obj-175",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-175",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-5",
						0
					],
					"destination": [
						"obj-176",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-177",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-177",
						0
					],
					"destination": [
						"obj-178",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-178",
						0
					],
					"destination": [
						"obj-9",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-179",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-179",
						0
					],
					"destination": [
						"obj-180",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-180",
						0
					],
					"destination": [
						"obj-10",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-181",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-181",
						0
					],
					"destination": [
						"obj-182",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-182",
						0
					],
					"destination": [
						"obj-22",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-183",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-183",
						0
					],
					"destination": [
						"obj-184",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-184",
						0
					],
					"destination": [
						"obj-23",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-185",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-185",
						0
					],
					"destination": [
						"obj-186",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-186",
						0
					],
					"destination": [
						"obj-25",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-187",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-187",
						0
					],
					"destination": [
						"obj-188",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-188",
						0
					],
					"destination": [
						"obj-26",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-189",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-189",
						0
					],
					"destination": [
						"obj-190",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-190",
						0
					],
					"destination": [
						"obj-31",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-191",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-191",
						0
					],
					"destination": [
						"obj-192",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-192",
						0
					],
					"destination": [
						"obj-32",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-176",
						0
					],
					"destination": [
						"obj-193",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-193",
						0
					],
					"destination": [
						"obj-194",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-194",
						0
					],
					"destination": [
						"obj-33",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						4
					],
					"destination": [
						"obj-199",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-199",
						0
					],
					"destination": [
						"obj-200",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-200",
						0
					],
					"destination": [
						"obj-201",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-201",
						0
					],
					"destination": [
						"obj-196",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-200",
						1
					],
					"destination": [
						"obj-202",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-202",
						0
					],
					"destination": [
						"obj-196",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-200",
						2
					],
					"destination": [
						"obj-203",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-203",
						0
					],
					"destination": [
						"obj-196",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-200",
						3
					],
					"destination": [
						"obj-204",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-204",
						0
					],
					"destination": [
						"obj-196",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-200",
						4
					],
					"destination": [
						"obj-205",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-205",
						0
					],
					"destination": [
						"obj-196",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-199",
						1
					],
					"destination": [
						"obj-206",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-206",
						0
					],
					"destination": [
						"obj-197",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-199",
						1
					],
					"destination": [
						"obj-207",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-207",
						0
					],
					"destination": [
						"obj-197",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						5
					],
					"destination": [
						"obj-208",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-208",
						0
					],
					"destination": [
						"obj-209",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-209",
						0
					],
					"destination": [
						"obj-198",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						6
					],
					"destination": [
						"obj-210",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						0
					],
					"destination": [
						"obj-211",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-211",
						0
					],
					"destination": [
						"obj-8",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						1
					],
					"destination": [
						"obj-212",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-212",
						0
					],
					"destination": [
						"obj-9",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						2
					],
					"destination": [
						"obj-213",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-213",
						0
					],
					"destination": [
						"obj-12",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						3
					],
					"destination": [
						"obj-214",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-214",
						0
					],
					"destination": [
						"obj-15",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						4
					],
					"destination": [
						"obj-215",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-215",
						0
					],
					"destination": [
						"obj-19",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						5
					],
					"destination": [
						"obj-216",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-216",
						0
					],
					"destination": [
						"obj-20",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-210",
						6
					],
					"destination": [
						"obj-217",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-217",
						0
					],
					"destination": [
						"obj-34",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						8
					],
					"destination": [
						"obj-218",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-218",
						0
					],
					"destination": [
						"obj-219",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-219",
						0
					],
					"destination": [
						"obj-34",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-218",
						1
					],
					"destination": [
						"obj-220",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-220",
						0
					],
					"destination": [
						"obj-13",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						7
					],
					"destination": [
						"obj-221",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						0
					],
					"destination": [
						"obj-222",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-222",
						0
					],
					"destination": [
						"obj-5",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						1
					],
					"destination": [
						"obj-223",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-223",
						0
					],
					"destination": [
						"obj-7",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						2
					],
					"destination": [
						"obj-224",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-224",
						0
					],
					"destination": [
						"obj-8",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						3
					],
					"destination": [
						"obj-225",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-225",
						0
					],
					"destination": [
						"obj-9",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						4
					],
					"destination": [
						"obj-226",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-226",
						0
					],
					"destination": [
						"obj-10",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						5
					],
					"destination": [
						"obj-227",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-227",
						0
					],
					"destination": [
						"obj-11",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						6
					],
					"destination": [
						"obj-228",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-228",
						0
					],
					"destination": [
						"obj-12",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						7
					],
					"destination": [
						"obj-229",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-229",
						0
					],
					"destination": [
						"obj-15",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						8
					],
					"destination": [
						"obj-230",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-230",
						0
					],
					"destination": [
						"obj-17",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						9
					],
					"destination": [
						"obj-231",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-231",
						0
					],
					"destination": [
						"obj-19",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						10
					],
					"destination": [
						"obj-232",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-232",
						0
					],
					"destination": [
						"obj-20",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						11
					],
					"destination": [
						"obj-233",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-233",
						0
					],
					"destination": [
						"obj-24",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						12
					],
					"destination": [
						"obj-234",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-234",
						0
					],
					"destination": [
						"obj-25",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						13
					],
					"destination": [
						"obj-235",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-235",
						0
					],
					"destination": [
						"obj-26",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						14
					],
					"destination": [
						"obj-236",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-236",
						0
					],
					"destination": [
						"obj-27",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						15
					],
					"destination": [
						"obj-237",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-237",
						0
					],
					"destination": [
						"obj-28",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						16
					],
					"destination": [
						"obj-238",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-238",
						0
					],
					"destination": [
						"obj-29",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						17
					],
					"destination": [
						"obj-239",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-239",
						0
					],
					"destination": [
						"obj-30",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						18
					],
					"destination": [
						"obj-240",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-240",
						0
					],
					"destination": [
						"obj-31",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						19
					],
					"destination": [
						"obj-241",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-241",
						0
					],
					"destination": [
						"obj-32",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						20
					],
					"destination": [
						"obj-242",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-242",
						0
					],
					"destination": [
						"obj-33",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						21
					],
					"destination": [
						"obj-243",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-243",
						0
					],
					"destination": [
						"obj-34",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						22
					],
					"destination": [
						"obj-244",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-244",
						0
					],
					"destination": [
						"obj-37",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						23
					],
					"destination": [
						"obj-245",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-245",
						0
					],
					"destination": [
						"obj-38",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						24
					],
					"destination": [
						"obj-246",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-246",
						0
					],
					"destination": [
						"obj-42",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						25
					],
					"destination": [
						"obj-247",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-247",
						0
					],
					"destination": [
						"obj-45",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						26
					],
					"destination": [
						"obj-248",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-248",
						0
					],
					"destination": [
						"obj-52",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						27
					],
					"destination": [
						"obj-249",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-249",
						0
					],
					"destination": [
						"obj-53",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-221",
						28
					],
					"destination": [
						"obj-250",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-250",
						0
					],
					"destination": [
						"obj-57",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						9
					],
					"destination": [
						"obj-251",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						0
					],
					"destination": [
						"obj-252",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-252",
						0
					],
					"destination": [
						"obj-3",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						1
					],
					"destination": [
						"obj-253",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-253",
						0
					],
					"destination": [
						"obj-4",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						2
					],
					"destination": [
						"obj-254",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-254",
						0
					],
					"destination": [
						"obj-5",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						3
					],
					"destination": [
						"obj-255",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-255",
						0
					],
					"destination": [
						"obj-6",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						4
					],
					"destination": [
						"obj-256",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-256",
						0
					],
					"destination": [
						"obj-8",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						5
					],
					"destination": [
						"obj-257",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-257",
						0
					],
					"destination": [
						"obj-12",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						6
					],
					"destination": [
						"obj-258",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-258",
						0
					],
					"destination": [
						"obj-13",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						7
					],
					"destination": [
						"obj-259",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-259",
						0
					],
					"destination": [
						"obj-14",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						8
					],
					"destination": [
						"obj-260",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-260",
						0
					],
					"destination": [
						"obj-15",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						9
					],
					"destination": [
						"obj-261",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-261",
						0
					],
					"destination": [
						"obj-16",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						10
					],
					"destination": [
						"obj-262",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-262",
						0
					],
					"destination": [
						"obj-17",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						11
					],
					"destination": [
						"obj-263",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-263",
						0
					],
					"destination": [
						"obj-18",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						12
					],
					"destination": [
						"obj-264",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-264",
						0
					],
					"destination": [
						"obj-19",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						13
					],
					"destination": [
						"obj-265",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-265",
						0
					],
					"destination": [
						"obj-20",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						14
					],
					"destination": [
						"obj-266",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-266",
						0
					],
					"destination": [
						"obj-21",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						15
					],
					"destination": [
						"obj-267",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-267",
						0
					],
					"destination": [
						"obj-24",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						16
					],
					"destination": [
						"obj-268",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-268",
						0
					],
					"destination": [
						"obj-27",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						17
					],
					"destination": [
						"obj-269",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-269",
						0
					],
					"destination": [
						"obj-28",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						18
					],
					"destination": [
						"obj-270",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-270",
						0
					],
					"destination": [
						"obj-30",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						19
					],
					"destination": [
						"obj-271",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-271",
						0
					],
					"destination": [
						"obj-34",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						20
					],
					"destination": [
						"obj-272",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-272",
						0
					],
					"destination": [
						"obj-35",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						21
					],
					"destination": [
						"obj-273",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-273",
						0
					],
					"destination": [
						"obj-36",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						22
					],
					"destination": [
						"obj-274",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-274",
						0
					],
					"destination": [
						"obj-37",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						23
					],
					"destination": [
						"obj-275",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-275",
						0
					],
					"destination": [
						"obj-38",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						24
					],
					"destination": [
						"obj-276",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-276",
						0
					],
					"destination": [
						"obj-39",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						25
					],
					"destination": [
						"obj-277",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-277",
						0
					],
					"destination": [
						"obj-40",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						26
					],
					"destination": [
						"obj-278",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-278",
						0
					],
					"destination": [
						"obj-41",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						27
					],
					"destination": [
						"obj-279",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-279",
						0
					],
					"destination": [
						"obj-42",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-251",
						28
					],
					"destination": [
						"obj-280",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-280",
						0
					],
					"destination": [
						"obj-43",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						3
					],
					"destination": [
						"obj-282",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						10
					],
					"destination": [
						"obj-296",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						0
					],
					"destination": [
						"obj-297",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-297",
						0
					],
					"destination": [
						"obj-283",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						1
					],
					"destination": [
						"obj-298",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-298",
						0
					],
					"destination": [
						"obj-284",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						2
					],
					"destination": [
						"obj-299",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-299",
						0
					],
					"destination": [
						"obj-285",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						3
					],
					"destination": [
						"obj-300",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-300",
						0
					],
					"destination": [
						"obj-286",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						4
					],
					"destination": [
						"obj-301",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-301",
						0
					],
					"destination": [
						"obj-287",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						5
					],
					"destination": [
						"obj-302",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-302",
						0
					],
					"destination": [
						"obj-288",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						6
					],
					"destination": [
						"obj-303",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-303",
						0
					],
					"destination": [
						"obj-289",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						7
					],
					"destination": [
						"obj-304",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-304",
						0
					],
					"destination": [
						"obj-290",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						8
					],
					"destination": [
						"obj-305",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-305",
						0
					],
					"destination": [
						"obj-291",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						9
					],
					"destination": [
						"obj-306",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-306",
						0
					],
					"destination": [
						"obj-292",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						10
					],
					"destination": [
						"obj-307",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-307",
						0
					],
					"destination": [
						"obj-293",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						11
					],
					"destination": [
						"obj-308",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-308",
						0
					],
					"destination": [
						"obj-294",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-296",
						12
					],
					"destination": [
						"obj-309",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-309",
						0
					],
					"destination": [
						"obj-295",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-283",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-283",
						0
					],
					"destination": [
						"obj-310",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-310",
						0
					],
					"destination": [
						"obj-311",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-311",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-284",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-284",
						0
					],
					"destination": [
						"obj-312",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-312",
						0
					],
					"destination": [
						"obj-313",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-313",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-285",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-285",
						0
					],
					"destination": [
						"obj-314",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-314",
						0
					],
					"destination": [
						"obj-315",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-315",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-286",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-286",
						0
					],
					"destination": [
						"obj-316",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-316",
						0
					],
					"destination": [
						"obj-317",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-317",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-287",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-287",
						0
					],
					"destination": [
						"obj-318",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-318",
						0
					],
					"destination": [
						"obj-319",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-319",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-288",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-288",
						0
					],
					"destination": [
						"obj-320",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-320",
						0
					],
					"destination": [
						"obj-321",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-321",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-289",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-289",
						0
					],
					"destination": [
						"obj-322",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-322",
						0
					],
					"destination": [
						"obj-323",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-323",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-290",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-290",
						0
					],
					"destination": [
						"obj-324",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-324",
						0
					],
					"destination": [
						"obj-325",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-325",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-291",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-291",
						0
					],
					"destination": [
						"obj-326",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-326",
						0
					],
					"destination": [
						"obj-327",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-327",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-292",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-292",
						0
					],
					"destination": [
						"obj-328",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-328",
						0
					],
					"destination": [
						"obj-329",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-329",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-293",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-293",
						0
					],
					"destination": [
						"obj-330",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-330",
						0
					],
					"destination": [
						"obj-331",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-331",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-294",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-294",
						0
					],
					"destination": [
						"obj-332",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-332",
						0
					],
					"destination": [
						"obj-333",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-333",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-282",
						0
					],
					"destination": [
						"obj-295",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-295",
						0
					],
					"destination": [
						"obj-334",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-334",
						0
					],
					"destination": [
						"obj-335",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-335",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						12
					],
					"destination": [
						"obj-338",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-338",
						0
					],
					"destination": [
						"obj-337",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-337",
						1
					],
					"destination": [
						"obj-339",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-339",
						0
					],
					"destination": [
						"obj-2",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-341",
						0
					],
					"destination": [
						"obj-342",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-342",
						0
					],
					"destination": [
						"obj-340",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-344",
						6
					],
					"destination": [
						"obj-349",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-349",
						0
					],
					"destination": [
						"obj-346",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-345",
						0
					],
					"destination": [
						"obj-346",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-346",
						0
					],
					"destination": [
						"obj-347",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-347",
						0
					],
					"destination": [
						"obj-348",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-345",
						0
					],
					"destination": [
						"obj-348",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-348",
						0
					],
					"destination": [
						"obj-350",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-350",
						0
					],
					"destination": [
						"obj-351",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-352",
						0
					],
					"destination": [
						"obj-353",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						13
					],
					"destination": [
						"obj-354",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						13
					],
					"destination": [
						"obj-355",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-354",
						0
					],
					"destination": [
						"obj-350",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-355",
						0
					],
					"destination": [
						"obj-351",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-354",
						1
					],
					"destination": [
						"obj-353",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-354",
						1
					],
					"destination": [
						"obj-356",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-356",
						0
					],
					"destination": [
						"obj-352",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-354",
						0
					],
					"destination": [
						"obj-358",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-358",
						0
					],
					"destination": [
						"obj-357",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-357",
						0
					],
					"destination": [
						"obj-352",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-344",
						0
					],
					"destination": [
						"obj-360",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-360",
						0
					],
					"destination": [
						"obj-359",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-353",
						0
					],
					"destination": [
						"obj-359",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-351",
						0
					],
					"destination": [
						"obj-359",
						2
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-359",
						0
					],
					"destination": [
						"obj-343",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-58",
						11
					],
					"destination": [
						"obj-362",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-362",
						0
					],
					"destination": [
						"obj-361",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-343",
						0
					],
					"destination": [
						"obj-365",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-361",
						0
					],
					"destination": [
						"obj-365",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-363",
						0
					],
					"destination": [
						"obj-366",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-365",
						0
					],
					"destination": [
						"obj-366",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-366",
						0
					],
					"destination": [
						"obj-364",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-343",
						1
					],
					"destination": [
						"obj-367",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-361",
						0
					],
					"destination": [
						"obj-367",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-363",
						1
					],
					"destination": [
						"obj-368",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-367",
						0
					],
					"destination": [
						"obj-368",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-368",
						0
					],
					"destination": [
						"obj-364",
						1
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-60",
						1
					],
					"destination": [
						"obj-370",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-370",
						0
					],
					"destination": [
						"obj-371",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-371",
						0
					],
					"destination": [
						"obj-374",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-374",
						0
					],
					"destination": [
						"obj-372",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-371",
						1
					],
					"destination": [
						"obj-375",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-375",
						0
					],
					"destination": [
						"obj-372",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-372",
						1
					],
					"destination": [
						"obj-370",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-372",
						0
					],
					"destination": [
						"obj-373",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-373",
						0
					],
					"destination": [
						"obj-376",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-373",
						1
					],
					"destination": [
						"obj-376",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-376",
						0
					],
					"destination": [
						"obj-7",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-376",
						0
					],
					"destination": [
						"obj-11",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-376",
						0
					],
					"destination": [
						"obj-29",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-373",
						0
					],
					"destination": [
						"obj-377",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-373",
						1
					],
					"destination": [
						"obj-377",
						0
					]
				}
			},
			{
				"patchline": {
					"source": [
						"obj-377",
						0
					],
					"destination": [
						"obj-340",
						0
					]
				}
			}
		],
		"parameters": {
			"obj-3": [
				"Generate Button",
				"Generate",
				0
			],
			"obj-4": [
				"Cancel Button",
				"Cancel",
				0
			],
			"obj-5": [
				"Verb",
				"Verb",
				0
			],
			"obj-6": [
				"Hear Clip Button",
				"Hear clip",
				0
			],
			"obj-8": [
				"Preset Menu",
				"Preset",
				0
			],
			"obj-9": [
				"Style Menu",
				"Style",
				0
			],
			"obj-10": [
				"Bars",
				"Bars",
				0
			],
			"obj-12": [
				"Progression Menu",
				"Progression",
				0
			],
			"obj-13": [
				"As Heard Button",
				"As heard",
				0
			],
			"obj-14": [
				"Dice Button",
				"Dice",
				0
			],
			"obj-15": [
				"Clip Menu",
				"Clip",
				0
			],
			"obj-16": [
				"Chords From Clip Button",
				"Read",
				0
			],
			"obj-17": [
				"Use Notes",
				"Notes",
				0
			],
			"obj-18": [
				"Render Clip Button",
				"Render clip",
				0
			],
			"obj-19": [
				"Sound Menu",
				"Sound",
				0
			],
			"obj-20": [
				"Part Menu",
				"Part",
				0
			],
			"obj-21": [
				"Complete Button",
				"Complete",
				0
			],
			"obj-22": [
				"Source Button",
				"Source",
				0
			],
			"obj-23": [
				"Source B Button",
				"Source B",
				0
			],
			"obj-24": [
				"Guidance",
				"Guidance",
				0
			],
			"obj-25": [
				"Strength",
				"Strength",
				0
			],
			"obj-26": [
				"Ratio",
				"Ratio",
				0
			],
			"obj-27": [
				"Takes",
				"Takes",
				0
			],
			"obj-28": [
				"Steps",
				"Steps",
				0
			],
			"obj-30": [
				"Seed Lock",
				"Lock",
				0
			],
			"obj-31": [
				"Loop",
				"Loop",
				0
			],
			"obj-32": [
				"Side",
				"Side",
				0
			],
			"obj-33": [
				"From Bar",
				"FromBar",
				0
			],
			"obj-34": [
				"Take Menu",
				"Take",
				0
			],
			"obj-35": [
				"Previous Button",
				"Prev",
				0
			],
			"obj-36": [
				"Next Button",
				"Next",
				0
			],
			"obj-37": [
				"Preview",
				"Play",
				0
			],
			"obj-38": [
				"Star",
				"Star",
				0
			],
			"obj-39": [
				"Place Button",
				"Place",
				0
			],
			"obj-40": [
				"Place All Button",
				"Place all",
				0
			],
			"obj-41": [
				"Place Notes Button",
				"Place notes",
				0
			],
			"obj-42": [
				"Place In",
				"PlaceIn",
				0
			],
			"obj-43": [
				"Reveal Button",
				"Reveal",
				0
			],
			"obj-198": [
				"Progress",
				"Progress",
				0
			],
			"obj-283": [
				"Preset Text",
				"Preset Text",
				0
			],
			"obj-284": [
				"Chords Text",
				"Chords Text",
				0
			],
			"obj-285": [
				"Seed Text",
				"Seed Text",
				0
			],
			"obj-286": [
				"Sound Text",
				"Sound Text",
				0
			],
			"obj-287": [
				"Part Text",
				"Part Text",
				0
			],
			"obj-288": [
				"Style Text",
				"Style Text",
				0
			],
			"obj-289": [
				"Progression Text",
				"Progression Text",
				0
			],
			"obj-290": [
				"Clip Track Text",
				"Clip Track Text",
				0
			],
			"obj-291": [
				"Source Text",
				"Source Text",
				0
			],
			"obj-292": [
				"Source B Text",
				"Source B Text",
				0
			],
			"obj-293": [
				"Takes Text",
				"Takes Text",
				0
			],
			"obj-294": [
				"Port Text",
				"Port Text",
				0
			],
			"obj-295": [
				"Daemon Port Text",
				"Daemon Port Text",
				0
			],
			"parameterbanks": {
				"0": {
					"index": 0,
					"name": "Main",
					"parameters": [
						"Verb",
						"Bars",
						"Takes",
						"Guidance",
						"Strength",
						"Ratio",
						"Steps",
						"Loop"
					]
				},
				"1": {
					"index": 1,
					"name": "More",
					"parameters": [
						"Side",
						"From Bar",
						"Seed Lock",
						"Use Notes",
						"Place In",
						"-",
						"-",
						"-"
					]
				}
			},
			"inherited_shortname": 1
		},
		"dependency_cache": [
			{
				"name": "MsaniiLive.js",
				"bootpath": ".",
				"patcherrelativepath": ".",
				"type": "TEXT",
				"implicit": 1
			}
		],
		"latency": 0,
		"is_mpe": 0,
		"minimum_live_version": "",
		"minimum_max_version": "",
		"platform_compatibility": 0,
		"project": {
			"version": 1,
			"creationdate": 3873225600,
			"modificationdate": 3873225600,
			"viewrect": [
				0.0,
				0.0,
				300.0,
				500.0
			],
			"autoorganize": 1,
			"hideprojectwindow": 1,
			"showdependencies": 1,
			"autolocalize": 0,
			"contents": {
				"patchers": {}
			},
			"layout": {},
			"searchpath": {},
			"detailsvisible": 0,
			"amxdtype": 1633771873,
			"readonly": 0,
			"devpathtype": 0,
			"devpath": ".",
			"sortmode": 0,
			"viewmode": 0,
			"includepackages": 0
		},
		"autosave": 0
	}
}
